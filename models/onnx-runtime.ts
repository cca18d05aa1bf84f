/** The one door to ONNX Runtime, for the model host, the training scripts and tests. */

// Modules are evaluated in the order of their imports: the library must come second.
import "./onnx-quiet.ts";

export { InferenceSession, Tensor } from "onnxruntime-node";
