/** The part of Node-RED's editor API that the palette's dialogs use (nodered.org/docs/creating-nodes/appearance). The dialogs run in a browser. */

export interface EditorNode {
  readonly id: string;
  readonly name: string;
  readonly [setting: string]: unknown;
  _(key: string, values?: object): string;
}

/** What the editor asks of a type of node. */
export interface EditorType {
  readonly type: string;
  readonly category: "hearth" | "config";
  readonly defaults: Readonly<
    Record<string, { readonly value: unknown; readonly required?: boolean; readonly type?: string; readonly validate?: unknown }>
  >;
  readonly credentials?: Readonly<Record<string, { readonly type: "password" | "text" }>>;
  readonly inputs?: 0 | 1;
  readonly outputs?: number;
  /** A file in `icons/`. */
  readonly icon?: string;
  /** Key of the catalogue for the palette's label and an unnamed node. */
  readonly label: string;
  /** Keys of the catalogue for what the outputs carry. */
  readonly outputLabels?: readonly string[];
  /** When the dialog opens; `this` is the node. */
  oneditprepare?(this: EditorNode): void;
  /** Before the dialog's fields are taken over. */
  oneditsave?(this: EditorNode): void;
}

export interface EditorRed {
  readonly nodes: {
    registerType(type: string, definition: object): void;
    eachConfig(see: (node: { readonly id: string; readonly type: string }) => void): void;
  };
}
