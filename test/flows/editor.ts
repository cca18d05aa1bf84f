/** Node-RED's admin interface as its editor uses it: signs in, reads and deploys flows. */

export interface Flow {
  readonly id: string;
  readonly type: string;
  readonly [setting: string]: unknown;
}

export interface Editor {
  readonly address: string;
  /** What the browser would keep. */
  readonly session: string;
  /** Status and, where it is JSON, body. */
  ask(path: string, init?: RequestInit): Promise<{ status: number; body: unknown }>;
  flows(): Promise<Flow[]>;
  /** Puts these on the canvas instead of what is there, and starts them. Throws with Node-RED's answer. */
  deploy(flows: readonly Flow[]): Promise<void>;
}

/** The status of a sign-in and, where it is let in, the editor. */
export async function signIn(address: string, password: string, username = "me"): Promise<{ status: number; editor?: Editor }> {
  const answer = await fetch(`${address}/auth/token`, {
    method: "POST",
    body: new URLSearchParams({ client_id: "node-red-editor", grant_type: "password", scope: "", username, password }),
  });
  if (!answer.ok) return { status: answer.status };
  const { access_token: session } = (await answer.json()) as { access_token: string };
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${session}`, accept: "application/json", "content-type": "application/json" };
    const found = await fetch(`${address}/${path}`, { ...init, headers: { ...headers, ...init.headers } });
    const text = await found.text();
    const isJson = found.headers.get("content-type")?.includes("json") === true;
    return { status: found.status, body: isJson && text !== "" ? (JSON.parse(text) as unknown) : text };
  };
  const editor: Editor = {
    ...{ address, session, ask },
    flows: async () => (await ask("flows")).body as Flow[],
    async deploy(flows) {
      const { status, body } = await ask("flows", {
        method: "POST",
        body: JSON.stringify(flows),
        headers: { "node-red-deployment-type": "full" },
      });
      if (status !== 204 && status !== 200) throw new Error(`not deployed (${status}): ${JSON.stringify(body)}`);
    },
  };
  return { status: answer.status, editor };
}
