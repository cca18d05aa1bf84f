import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth vitals",
  category: "hearth",
  defaults: {
    ...ofGateway,
    persons: { value: "" },
    codes: { value: "" },
    mode: { value: "change" },
    step: { value: 1 },
    everyS: { value: 10 },
  },
  inputs: 0,
  outputs: 1,
  icon: "hearth-heart.svg",
  label: "vitals.label",
  outputLabels: ["vitals.output"],
});
