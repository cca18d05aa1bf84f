/** The part of Node-RED's runtime API that the palette uses (nodered.org/docs/creating-nodes). */

export interface RedNode {
  id: string;
  name?: string;
  credentials?: Readonly<Record<string, unknown>>;
  send(messages: unknown): void;
  status(status: { fill?: string; shape?: string; text?: string }): void;
  error(text: unknown, message?: unknown): void;
  on(event: "input", listener: (message: object, send: (messages: unknown) => void, done: (error?: Error) => void) => void): void;
  on(event: "close", listener: (done: () => void) => void): void;
}

export interface Red {
  readonly nodes: {
    createNode(node: RedNode, settings: object): void;
    getNode(id: string): unknown;
    registerType(type: string, construct: (this: RedNode, settings: Record<string, unknown>) => void, options?: object): void;
  };
  readonly httpAdmin: {
    post(path: string, ...handlers: unknown[]): void;
    get(path: string, ...handlers: unknown[]): void;
  };
  readonly auth: { needsPermission(permission: string): unknown };
  readonly util: {
    /** Of type "env": the value of a variable, or a text with such values put in for each ${NAME}. */
    evaluateNodeProperty(value: string, type: "env", node: object): unknown;
  };
  _(key: string, values?: object): string;
}
