import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth status",
  category: "hearth",
  defaults: {
    ...ofGateway,
  },
  inputs: 1,
  outputs: 1,
  icon: "hearth-home.svg",
  label: "status.label",
  outputLabels: ["status.output"],
});
