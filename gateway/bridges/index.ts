/** THE list of bridges, one line each. */

import type { BridgeKind } from "./bridge.ts";
import { homeAssistant } from "./home-assistant.ts";
import { homeMqtt } from "./home-mqtt.ts";

export const bridgeKinds: readonly BridgeKind[] = [homeMqtt, homeAssistant];
