/** Node-RED's runtime as far as the palette uses it, for tests of what fills the port in: nodes are made and closed as Node-RED does it. */

import type { Red, RedNode } from "./red-api.ts";

type Listener = (...given: never[]) => void;

class FakeNode implements RedNode {
  id = "";
  name = "";
  credentials: Readonly<Record<string, unknown>> = {};
  readonly sent: unknown[] = [];
  readonly statuses: { fill?: string; text?: string }[] = [];
  readonly errors: string[] = [];
  private readonly listeners = new Map<string, Listener>();
  send(messages: unknown) {
    this.sent.push(messages);
  }
  status(status: { fill?: string; text?: string }) {
    this.statuses.push(status);
  }
  error(text: unknown) {
    this.errors.push(String(text));
  }
  on(event: string, listener: Listener) {
    this.listeners.set(event, listener);
  }
  /** Resolves with what `done` was given. */
  input(message: object): Promise<Error | undefined> {
    const listener = this.listeners.get("input") as unknown as (...given: unknown[]) => void;
    return new Promise((resolve) => listener(message, (messages: unknown) => this.send(messages), resolve));
  }
  close(): Promise<void> {
    const listener = this.listeners.get("close") as unknown as (done: () => void) => void;
    return new Promise((resolve) => listener(resolve));
  }
}

export function createFakeRed() {
  const types = new Map<string, (this: RedNode, settings: Record<string, unknown>) => void>();
  const nodes = new Map<string, FakeNode>();
  const posts = new Map<string, unknown[]>();
  const red: Red = {
    nodes: {
      createNode(node, settings) {
        Object.assign(node, { id: (settings as { id: string }).id });
      },
      getNode: (id) => nodes.get(id) ?? null,
      registerType: (type, construct) => void types.set(type, construct),
    },
    httpAdmin: {
      post: (path, ...handlers) => void posts.set(path, handlers),
      get() {},
    },
    auth: { needsPermission: (permission) => permission },
    util: { evaluateNodeProperty: (value) => value },
    _: (key, values) => `${key} ${JSON.stringify(values ?? {})}`,
  };
  return {
    red,
    types,
    posts,
    make(type: string, settings: Record<string, unknown>, credentials: Record<string, unknown> = {}): FakeNode {
      const node = new FakeNode();
      node.credentials = credentials;
      types.get(type)?.call(node, settings);
      nodes.set(node.id, node);
      return node;
    },
  };
}
