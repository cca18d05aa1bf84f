import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth person",
  category: "hearth",
  defaults: {
    ...ofGateway,
    persons: { value: "" },
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-person.svg",
  label: "person.label",
  outputLabels: ["person.output"],
});
