import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth twin",
  category: "hearth",
  defaults: {
    ...ofGateway,
    what: { value: "state" },
    person: { value: "" },
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-twin.svg",
  label: "twin.label",
  outputLabels: ["twin.output"],
});
