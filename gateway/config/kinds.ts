/** What may be added twice and is named in hearth.yaml. The settings' schema comes of these lists; a test may bring its own. */

import { type DriverRegistry, driverRegistry } from "../../device-drivers/index.ts";
import { links } from "../../device-drivers/link/index.ts";
import type { LinkKind } from "../../device-drivers/link/link-kind.ts";
import type { ChannelKind } from "../alert/channels/channel.ts";
import { channelKinds } from "../alert/channels/index.ts";
import type { BridgeKind } from "../bridges/bridge.ts";
import { bridgeKinds } from "../bridges/index.ts";

export interface Kinds {
  readonly drivers: DriverRegistry;
  readonly links: readonly LinkKind[];
  readonly channels: readonly ChannelKind[];
  readonly bridges: readonly BridgeKind[];
}

export const shippedKinds: Kinds = { drivers: driverRegistry, links, channels: channelKinds, bridges: bridgeKinds };
