import { collect, jsonOption, type Verb } from "./verb.ts";

const household = () => import("../household.ts");

export const people: Verb = {
  name: "people",
  define: (command) => {
    command
      .description("who lives here; add NAME, rename PERSON NAME, limits PERSON")
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
    command
      .command("limits")
      .description("what the rules go by for a person; with --set it is changed, and in force from the moment that is printed")
      .argument("<person>")
      .option("--set <name=value>", "a number, or off for everybody's; may be given several times", collect, [])
      .option("--confirm", "a rule of the highest priority may tell later, or not at all", false)
      .option(...jsonOption)
      .action(async (person, _options, sub) => (await household()).limits(person, sub.optsWithGlobals()));
  },
};
