import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSignIn, type SignIn } from "./sign-in.ts";

/** What the gateway does with tokens, sessions and one-time codes, as far as the editor's door asks. */
let roles: Map<string, string>;
let codes: Map<string, string>;
let asked: string[];
let server: Server;
let nowMs: number;
let said: string[];
let signIn: SignIn;

beforeEach(async () => {
  roles = new Map([
    ["an-integrators-token-abcd", "integrator"],
    ["a-caregivers-token-abcdef", "caregiver"],
  ]);
  codes = new Map([
    ["ABCD-EFGH-JKLM", "admin"],
    ["WXYZ-EFGH-JKLM", "patient"],
  ]);
  [asked, said, nowMs] = [[], [], 0];
  server = createServer(async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const secret = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
    asked.push(`${request.method} ${request.url} ${secret}`);
    const role = roles.get(secret);
    const send = (status: number, body: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/api/v1/session" && request.method === "POST") {
      const { code } = JSON.parse(text) as { code: string };
      const found = codes.get(code);
      codes.delete(code);
      if (found === undefined) return void send(401, {});
      roles.set(`session-of-${found}`, found);
      return void send(200, { token: `session-of-${found}` });
    }
    if (role === undefined) return void send(401, {});
    if (request.url === "/api/v1/sign-in-codes") {
      codes.set("OWN2-EFGH-JKLM", role);
      return void send(200, { code: "OWN2-EFGH-JKLM" });
    }
    if (request.method === "DELETE") roles.delete(secret);
    send(200, { role });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  signIn = createSignIn({ address, nowMs: () => nowMs, say: (line) => said.push(line) });
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

test("an integrator's token and an admin's code open a session of the gateway, and the token itself stays out of the browser", async () => {
  const byToken = await signIn.authenticate("me", "an-integrators-token-abcd");
  expect(byToken).toEqual({ username: "me", permissions: "*", token: "session-of-integrator" });
  expect(await signIn.authenticate("you", " ABCD-EFGH-JKLM ")).toMatchObject({ username: "you", token: "session-of-admin" });
  expect(await signIn.tokens("session-of-integrator")).toEqual({ username: "me", permissions: "*" });
});

test("a carer, a patient's code, a wrong code and what is no token at all open nothing, and the session that a code opened is ended", async () => {
  expect(await signIn.authenticate("me", "a-caregivers-token-abcdef")).toBeNull();
  expect(await signIn.authenticate("me", "WXYZ-EFGH-JKLM")).toBeNull();
  expect(roles.has("session-of-patient")).toBe(false);
  expect(await signIn.authenticate("me", "ABCD-EFGH-JKLL")).toBeNull();
  const before = asked.length;
  for (const text of ["", "with spaces in it and long enough", "x".repeat(300), "line\r\nbreak-long-enough-for-one"])
    expect(await signIn.authenticate("me", text)).toBeNull();
  expect(await signIn.tokens("")).toBeNull();
  expect(asked.length).toBe(before);
});

test("a revoked session is believed for three seconds and no longer, and meanwhile the gateway isn't asked for every request", async () => {
  await signIn.authenticate("me", "ABCD-EFGH-JKLM");
  const before = asked.length;
  for (let i = 0; i < 50; i++) expect(await signIn.tokens("session-of-admin")).not.toBeNull();
  expect(asked.length).toBe(before);
  roles.delete("session-of-admin");
  nowMs = 3001;
  expect(await signIn.tokens("session-of-admin")).toBeNull();
});

test("two hundred sessions are remembered; one more is only asked for again", async () => {
  for (let i = 0; i <= 200; i++) {
    roles.set(`session-number-${i}`, "admin");
    await signIn.tokens(`session-number-${i}`);
  }
  const before = asked.length;
  expect(await signIn.tokens("session-number-200")).not.toBeNull();
  expect(asked.length).toBe(before);
  expect(await signIn.tokens("session-number-0")).not.toBeNull();
  expect(asked.length).toBe(before + 1);
});

test("signing out ends the session at the gateway at once", async () => {
  await signIn.authenticate("me", "ABCD-EFGH-JKLM");
  await signIn.signOut("session-of-admin");
  expect(roles.has("session-of-admin")).toBe(false);
  expect(await signIn.tokens("session-of-admin")).toBeNull();
});

test("where no gateway answers nobody comes in, nothing is thrown, and whoever started Node-RED is told why", async () => {
  const nobody = createSignIn({ address: "http://127.0.0.1:9", nowMs: () => nowMs, say: (line) => said.push(line) });
  expect(await nobody.authenticate("me", "an-integrators-token-abcd")).toBeNull();
  expect(await nobody.tokens("session-of-admin")).toBeNull();
  expect(await nobody.roleOf("session-of-admin")).toBeUndefined();
  expect(said[0]).toMatch(/gateway does not answer/);
});
