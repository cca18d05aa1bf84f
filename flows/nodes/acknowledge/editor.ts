import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth acknowledge",
  category: "hearth",
  defaults: {
    ...ofGateway,
    verb: { value: "acknowledge" },
    by: { value: "" },
    note: { value: "" },
    minutes: { value: "" },
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-bell-check.svg",
  label: "acknowledge.label",
  outputLabels: ["acknowledge.output"],
});
