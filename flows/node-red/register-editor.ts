/** Registers a type's dialog with the editor; it runs in the browser. */

import type { EditorNode, EditorRed, EditorType } from "./editor-api.ts";

declare const RED: EditorRed;

/** The page's own colour for what is calm. */
const colour = "#c9dfd3";

/** What every node that uses a gateway stores. */
export const ofGateway = { name: { value: "" }, gateway: { value: "", type: "hearth-gateway", required: true } } as const;

export function registerEditor({ type, label, outputLabels = [], ...rest }: EditorType): void {
  RED.nodes.registerType(type, {
    ...rest,
    color: colour,
    label(this: EditorNode) {
      return this.name || this._(label);
    },
    paletteLabel(this: EditorNode) {
      return this._(label);
    },
    labelStyle(this: EditorNode) {
      return this.name ? "node_label_italic" : "";
    },
    /** Whoever has one gateway means that one; Node-RED would have everybody choose it. */
    onadd(this: { gateway?: unknown }) {
      const known: string[] = [];
      RED.nodes.eachConfig((node) => {
        if (node.type === "hearth-gateway") known.push(node.id);
      });
      if (this.gateway === "" && known.length === 1) this.gateway = known[0];
    },
    outputLabels(this: EditorNode, index: number) {
      return this._(outputLabels[index] ?? "common.message");
    },
  });
}
