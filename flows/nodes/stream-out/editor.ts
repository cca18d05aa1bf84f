import type { EditorNode } from "../../node-red/editor-api.ts";
import { ofGateway, registerEditor } from "../../node-red/register-editor.ts";

/** jQuery of the editor: it knows the editor's root and sends its sign-in along. */
declare const $: {
  ajax(request: { url: string; method: "POST"; contentType: string; data: string }): {
    then(done: (answer: { fault: string | null }) => void, failed: () => void): void;
  };
};

/** A row of the table; its JSON is what the node stores. */
const columns = ["id", "kind", "unit", "from", "words", "scale", "low", "high"] as const;
type Row = Partial<Record<(typeof columns)[number], string>>;
const fields = [
  "device",
  "stream",
  "site",
  "rateHz",
  "placement",
  "timeFrom",
  "batchS",
  "warnS",
  "urgentS",
  "broker",
  "caFile",
  "channels",
] as const;
const field = (name: string) => document.getElementById(`node-input-${name}`) as HTMLInputElement;

registerEditor({
  type: "hearth stream out",
  category: "hearth",
  defaults: {
    ...ofGateway,
    device: { value: "", required: true },
    stream: { value: "", required: true },
    channels: { value: '[{"id":"hr","kind":"hr","unit":"/min","from":"payload.hr"}]' },
    rateHz: { value: 1, required: true },
    isRegular: { value: true },
    timeFrom: { value: "" },
    placement: { value: "" },
    batchS: { value: 1 },
    warnS: { value: "" },
    urgentS: { value: "" },
    broker: { value: "" },
    caFile: { value: "" },
    site: { value: "" },
  },
  credentials: { password: { type: "password" } },
  inputs: 1,
  outputs: 0,
  icon: "hearth-stream.svg",
  label: "stream-out.label",
  oneditprepare() {
    const table = document.getElementById("hearth-stream-out-channels");
    if (table === null) return;
    let rows: Row[] = [];
    try {
      rows = JSON.parse(field("channels").value);
    } catch {
      // A table that is damaged begins anew.
    }
    const changed = () => {
      field("channels").value = JSON.stringify(
        rows.map((row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== ""))),
      );
      check(this);
    };
    const removeRow = (at: number) => {
      rows.splice(at, 1);
      draw();
      changed();
    };
    const draw = () => {
      table.replaceChildren(...rows.map((row, at) => lineOf(this, row, { changed, remove: () => removeRow(at) })));
    };
    document.getElementById("hearth-stream-out-add")?.addEventListener("click", (event) => {
      event.preventDefault();
      rows.push({ from: "payload" });
      draw();
      changed();
    });
    for (const name of fields) field(name).addEventListener("change", () => check(this));
    draw();
    check(this);
  },
});

function lineOf(node: EditorNode, row: Row, { changed, remove }: { changed: () => void; remove: () => void }): HTMLElement {
  const line = document.createElement("div");
  line.className = "hearth-channel";
  line.style.cssText = "display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 6px";
  for (const column of columns) {
    const input = document.createElement("input");
    input.type = "text";
    input.style.width = column === "from" ? "130px" : "74px";
    input.value = row[column] ?? "";
    const label = node._(`stream-out.columns.${column}`);
    input.placeholder = label;
    input.title = label;
    input.setAttribute("aria-label", label);
    input.addEventListener("change", () => {
      row[column] = input.value;
      changed();
    });
    line.append(input);
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "red-ui-button red-ui-button-small";
  button.textContent = "×";
  button.title = node._("stream-out.remove");
  button.addEventListener("click", remove);
  line.append(button);
  return line;
}

/** The runtime says what is wrong, in the gateway's words. */
function check(node: EditorNode): void {
  const result = document.getElementById("hearth-stream-out-fault");
  if (result === null) return;
  const body = Object.fromEntries(fields.map((name) => [name, field(name).value]));
  const tell = (fault: string | null) => {
    result.textContent = fault ?? node._("stream-out.fits");
    result.className = fault === null ? "hearth-ok" : "hearth-failed";
  };
  $.ajax({ url: "hearth-stream-out/check", method: "POST", contentType: "application/json", data: JSON.stringify(body) }).then(
    ({ fault }) => tell(fault),
    () => tell(node._("stream-out.not-checked")),
  );
}
