import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth results",
  category: "hearth",
  defaults: {
    ...ofGateway,
    persons: { value: "" },
    kinds: { value: "" },
    labels: { value: "" },
    mode: { value: "change" },
    everyS: { value: 1 },
  },
  inputs: 0,
  outputs: 1,
  icon: "hearth-result.svg",
  label: "results.label",
  outputLabels: ["results.output"],
});
