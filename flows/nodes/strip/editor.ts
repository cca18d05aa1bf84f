import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth strip",
  category: "hearth",
  defaults: {
    ...ofGateway,
    format: { value: "png" },
    channel: { value: "" },
    person: { value: "" },
    beforeS: { value: 15 },
    afterS: { value: 15 },
    whole: { value: true },
  },
  inputs: 1,
  outputs: 2,
  icon: "hearth-strip.svg",
  label: "strip.label",
  outputLabels: ["strip.output", "strip.without"],
});
