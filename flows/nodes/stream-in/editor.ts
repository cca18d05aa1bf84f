import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

registerEditor({
  type: "hearth stream in",
  category: "hearth",
  defaults: {
    ...ofGateway,
    person: { value: "" },
    device: { value: "" },
    stream: { value: "" },
    channel: { value: "" },
    rateHz: { value: "" },
  },
  inputs: 0,
  outputs: 1,
  icon: "hearth-stream.svg",
  label: "stream-in.label",
  outputLabels: ["stream-in.output"],
});
