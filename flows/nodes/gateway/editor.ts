import type { EditorNode } from "../../node-red/editor-api.ts";
import { registerEditor } from "../../node-red/register-editor.ts";

interface Tested {
  readonly ok: boolean;
  readonly gateway?: string;
  readonly version?: string;
  readonly mode?: string;
  readonly role?: string;
  readonly persons?: readonly string[] | null;
  readonly detail?: string;
}

/** jQuery, as the editor brings it: it knows the editor's root and sends its sign-in along. */
declare const $: {
  ajax(request: { url: string; method: "POST"; contentType: string; data: string }): {
    done(listener: (answer: Tested) => void): { fail(listener: (error: unknown) => void): void };
  };
};

const field = (name: string) => document.getElementById(`node-config-input-${name}`) as HTMLInputElement;

registerEditor({
  type: "hearth-gateway",
  category: "config",
  defaults: {
    name: { value: "" },
    address: { value: "http://127.0.0.1:8099", required: true },
    caFile: { value: "" },
    twinAddress: { value: "" },
  },
  credentials: { token: { type: "password" }, twinToken: { type: "password" } },
  label: "gateway.label",
  oneditprepare() {
    const button = document.getElementById("hearth-gateway-test");
    button?.addEventListener("click", (event) => {
      event.preventDefault();
      void test(this);
    });
  },
});

/** Asks the gateway with what the dialog holds now, through Node-RED: the browser may stand elsewhere. */
async function test(node: EditorNode): Promise<void> {
  const result = document.getElementById("hearth-gateway-result");
  if (result === null) return;
  result.textContent = node._("gateway.testing");
  result.className = "";
  try {
    const body = { id: node.id, address: field("address").value, caFile: field("caFile").value, token: field("token").value };
    const answer = await new Promise<Tested>((resolve, reject) =>
      $.ajax({ url: "hearth-gateway/test", method: "POST", contentType: "application/json", data: JSON.stringify(body) })
        .done(resolve)
        .fail(reject),
    );
    const persons = answer.persons?.join(", ") ?? node._("gateway.everybody");
    const values = { gateway: answer.gateway, version: answer.version, role: answer.role, persons };
    result.textContent = answer.ok ? node._("gateway.answers", values) : (answer.detail ?? "");
    result.className = answer.ok ? "hearth-ok" : "hearth-failed";
  } catch {
    result.textContent = node._("gateway.test-failed");
    result.className = "hearth-failed";
  }
}
