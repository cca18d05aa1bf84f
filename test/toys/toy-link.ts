/** A toy link: a port in memory that a test finds by the name in the settings. */

import Type from "typebox";
import { defineLink } from "../../device-drivers/link/link-kind.ts";
import { type MemoryPort, memoryPort } from "../../device-drivers/link/memory.ts";

const tubes = new Map<string, MemoryPort>();

export function tube(name: string): MemoryPort {
  const port = tubes.get(name) ?? memoryPort();
  tubes.set(name, port);
  return port;
}

export const toyLink = defineLink({
  kind: "tube",
  options: { name: Type.String({ minLength: 1 }) },
  fault: ({ name }) => (name.includes(" ") ? "needs a name in one word" : undefined),
  create: ({ name }) => tube(name).link,
});
