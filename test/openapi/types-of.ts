/** TypeScript of an OpenAPI document: its records and its routes, for programs that talk to the gateway. */

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query";
    readonly required: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content: Content }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const simple: Readonly<Record<string, string>> = {
  ...{ string: "string", number: "number", integer: "number", boolean: "boolean", null: "null", array: "readonly unknown[]" },
  object: "Readonly<Record<string, unknown>>",
};
const isName = (text: string) => /^[A-Za-z_]\w*$/.test(text);
const key = (text: string) => (isName(text) ? text : JSON.stringify(text));
const comment = (text: string | undefined, indent: string) =>
  text === undefined ? "" : `${indent}/** ${text.replaceAll("*/", "* /").replaceAll("\n", " ")} */\n`;

/** One type a schema; what it does not say is `unknown`. */
function typeOf(schema: Schema, indent: string): string {
  if (schema.$ref !== undefined) return `Schemas[${JSON.stringify(schema.$ref.split("/").at(-1))}]`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf !== undefined) return [...new Set(schema.anyOf.map((each) => typeOf(each, indent)))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ type }, indent)).join(" | ");
  if (schema.type === "array" && schema.items !== undefined) {
    const of = typeOf(schema.items, indent);
    return `readonly ${/ \| |^readonly/.test(of) ? `(${of})` : of}[]`;
  }
  const [values] = Object.values(schema.patternProperties ?? {});
  if (values !== undefined) return `Readonly<Record<string, ${typeOf(values, indent)}>>`;
  if (schema.properties === undefined) return simple[String(schema.type)] ?? "unknown";
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties).map(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? "" : "?";
    return `${comment(field.description, inner)}${inner}readonly ${key(name)}${optional}: ${typeOf(field, inner)};`;
  });
  return fields.length === 0 ? "Readonly<Record<string, never>>" : `{\n${fields.join("\n")}\n${indent}}`;
}

const fieldsOf = (operation: Operation, where: "path" | "query"): Schema => {
  const parameters = operation.parameters.filter((each) => each.in === where);
  return {
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.flatMap(({ name, required }) => (required ? [name] : [])),
  };
};
const contentOf = (content: Content): string => {
  const [[type = "", { schema = {} } = {}] = []] = Object.entries(content);
  return type === "application/json" ? typeOf(schema, "    ") : type.startsWith("text/") ? "string" : "Uint8Array | string";
};

/** The file's text; formatted as it comes. */
export function typesOf({ paths, components }: OpenApi): string {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => `  ${key(name)}: ${typeOf(schema, "  ")};`);
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const [, { content } = { content: {} }] = Object.entries(operation.responses).find(([status]) => status.startsWith("2")) ?? [];
      const parts = [
        ...(["path", "query"] as const).map((where) => `    ${where}: ${typeOf(fieldsOf(operation, where), "    ")};`),
        `    body: ${operation.requestBody === undefined ? "undefined" : contentOf(operation.requestBody.content)};`,
        `    answer: ${contentOf(content)};`,
      ];
      return `${comment(operation.summary, "  ")}  ${JSON.stringify(`${method.toUpperCase()} ${path}`)}: {\n${parts.join("\n")}\n  };`;
    }),
  );
  return [
    "/** Made from the gateway's openapi.json, not by hand: HEARTH_WRITE_TYPES=1 npm test -- openapi/api-types brings it up to date. */",
    "/* biome-ignore-all format: it stays as it is made. */",
    `/** What the gateway sends and takes, by the names of the document. */\nexport interface Schemas {\n${schemas.join("\n")}\n}`,
    `/** Each route by its method and path. */\nexport interface Routes {\n${routes.join("\n")}\n}`,
    "",
  ].join("\n\n");
}
