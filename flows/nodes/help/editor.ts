import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth help",
  category: "hearth",
  defaults: {
    ...ofGateway,
    person: { value: "" },
    by: { value: "" },
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-hand.svg",
  label: "help.label",
  outputLabels: ["help.output"],
});
