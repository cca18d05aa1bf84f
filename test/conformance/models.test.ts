import { modelRegistry } from "../../models/index.ts";
import { testModel } from "./model-suite.ts";

for (const [id, registered] of Object.entries(modelRegistry)) testModel(id, registered);
