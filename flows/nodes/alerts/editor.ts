import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth alerts",
  category: "hearth",
  defaults: {
    ...ofGateway,
    persons: { value: "" },
    priority: { value: "" },
    kind: { value: "" },
    rules: { value: "" },
    state: { value: "" },
  },
  inputs: 0,
  outputs: 1,
  icon: "hearth-alert.svg",
  label: "alerts.label",
  outputLabels: ["alerts.output"],
});
