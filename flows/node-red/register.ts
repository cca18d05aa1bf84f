/** Fills the port in with Node-RED: the node's status, the gateway's state at every node that uses it, and `done`. */

import type { Gateway } from "../client/connection.ts";
import type { Look, Message, NodeHost, NodeType, StatusLine } from "./host.ts";
import type { Red, RedNode } from "./red-api.ts";
import { shownLine } from "./status-line.ts";

const colours: Readonly<Record<Look, { readonly fill: string; readonly shape: string }>> = {
  good: { fill: "green", shape: "dot" },
  waiting: { fill: "yellow", shape: "ring" },
  attention: { fill: "yellow", shape: "dot" },
  failed: { fill: "red", shape: "ring" },
  idle: { fill: "grey", shape: "ring" },
};
/** What a status line has room for. */
const maxStatusChars = 120;

/** A configuration node of the type "hearth-gateway"; undefined where its settings can't be used. */
export interface GatewayNode extends RedNode {
  gateway?: Gateway;
}

export function registerNode(RED: Red, { type, open, credentials }: NodeType): void {
  RED.nodes.registerType(
    type,
    function (this: RedNode, settings) {
      RED.nodes.createNode(this, settings);
      const gateway = (RED.nodes.getNode(String(settings.gateway)) as GatewayNode | null)?.gateway;
      const timers = new Set<NodeJS.Timeout>();
      let own: StatusLine | undefined;
      const show = () => {
        const { look, key, values = {} } = shownLine(gateway?.state(), own);
        this.status({ ...colours[look], text: RED._(key, values).slice(0, maxStatusChars) });
      };
      const host: NodeHost = {
        name: this.name ?? "",
        credentials: this.credentials ?? {},
        gateway,
        send: (message) => this.send(message),
        text: (key, values = {}) => RED._(key, values),
        error: (error) => this.error(textOf(error)),
        nowMs: Date.now,
        after(ms, act) {
          const timer = setTimeout(() => {
            timers.delete(timer);
            act();
          }, ms);
          timers.add(timer);
          return () => {
            clearTimeout(timer);
            timers.delete(timer);
          };
        },
        status(look, key, values = {}) {
          own = { look, key, values };
          show();
        },
      };
      const opened = open(settings, host);
      const stopWatching = gateway?.onState(show);
      if (gateway === undefined) show();
      this.on("input", (message, send, done) => {
        const work = async () => opened.input?.(message as Message, send);
        work().then(
          () => done(),
          (error: unknown) => done(error instanceof Error ? error : new Error(textOf(error))),
        );
      });
      this.on("close", (done) => {
        stopWatching?.();
        for (const timer of timers) clearTimeout(timer);
        const end = async () => opened.close?.();
        end().then(done, (error: unknown) => {
          this.error(textOf(error));
          done();
        });
      });
    },
    credentials === undefined ? {} : { credentials },
  );
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
