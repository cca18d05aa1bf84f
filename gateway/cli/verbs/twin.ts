import type { Verb } from "./verb.ts";

export const twin: Verb = {
  name: "twin",
  define: (command) => void command.description("the twin service alone").action(async () => (await import("../twin.ts")).twin()),
};
