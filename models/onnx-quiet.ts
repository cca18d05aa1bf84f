/**
 * Turns ONNX Runtime's telemetry off. Since 1.29 the library reports sessions and models to its maker and keeps a device id and a database under ~/.cache, unless
 * this variable stands in the environment of the process before the library initialises (microsoft/onnxruntime, pull request 27379).
 */

import { isMainThread } from "node:worker_threads";

// A thread's process.env is a copy that native code never sees.
if (!isMainThread) throw new Error("ONNX Runtime is loaded in a process of its own: from a thread its telemetry can't be turned off.");
process.env.ORT_DISABLE_TELEMETRY = "1";
