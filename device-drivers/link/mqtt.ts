/** Bytes that a device publishes to the gateway's broker. The broker takes them in, so there is nothing to open. */

import { defineLink } from "./link-kind.ts";

export const mqtt = defineLink({ kind: "mqtt", options: {} });
