import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth raise",
  category: "hearth",
  defaults: {
    ...ofGateway,
    person: { value: "" },
    rule: { value: "flow." },
    title: { value: "" },
    text: { value: "" },
    priority: { value: "medium" },
    leaseS: { value: "" },
    hold: { value: true },
    by: { value: "" },
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-flag.svg",
  label: "raise.label",
  outputLabels: ["raise.output"],
});
