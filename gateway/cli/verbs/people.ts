import { jsonOption, type Verb } from "./verb.ts";

const household = () => import("../household.ts");

export const people: Verb = {
  name: "people",
  define: (command) => {
    command
      .description("who lives here; add NAME, rename PERSON NAME")
      .option(...jsonOption)
      .action(async (options) => (await household()).listPeople(options));
    command
      .command("add")
      .description("a person joins this home; the gateway goes on running")
      .argument("<name>", "what people call them")
      .option("--id <id>", "short name in addresses, topics and logs; else the next free of person-a, person-b …")
      .option(...jsonOption)
      .action(async (name, _options, sub) => (await household()).addPerson(name, sub.optsWithGlobals()));
    command
      .command("rename")
      .description("another name for a person")
      .arguments("<person> <name>")
      .option(...jsonOption)
      .action(async (person, name, _options, sub) => (await household()).renamePerson(person, name, sub.optsWithGlobals()));
  },
};
