import { expect, test } from "vitest";
import { type Answer, type Asked, endSession, guardHost, guardPages, type Middleware } from "./door.ts";

/** What a middleware does with a request: "next", or the status that it answers. */
async function outcome(middleware: Middleware, asked: Partial<Asked>): Promise<string | number> {
  return new Promise((resolve) => {
    let status = 0;
    const answer: Answer = {
      status(code) {
        status = code;
        return answer;
      },
      set: () => answer,
      type: () => answer,
      send: () => resolve(status),
    };
    middleware({ method: "GET", path: "/", headers: {}, ...asked }, answer, () => resolve("next"));
  });
}

test.each([
  ["localhost:1880", "next"],
  ["127.0.0.1:1880", "next"],
  ["[::1]:1880", "next"],
  ["pi.local:1880", "next"],
  ["evil.example", 421],
  ["127.0.0.1.evil.example", 421],
  ["", 421],
])("a request for %j is answered with %s", async (host, expected) => {
  expect(await outcome(guardHost(["Pi.local"]), { headers: { host } })).toBe(expected);
});

test("another site's page may link here, and send nothing", async () => {
  const headers = { host: "localhost", "sec-fetch-site": "cross-site" };
  expect(await outcome(guardHost([]), { headers })).toBe("next");
  expect(await outcome(guardHost([]), { method: "POST", headers })).toBe(403);
  expect(await outcome(guardHost([]), { method: "POST", headers: { ...headers, "sec-fetch-site": "same-origin" } })).toBe("next");
});

test("a flow's page wants a token, as password or bearer; only an address that is a key of its own is open", async () => {
  const pages = guardPages({ roleOf: async (secret) => (secret === "a-token" ? "patient" : undefined) });
  const basic = (text: string) => ({ headers: { authorization: `Basic ${Buffer.from(text).toString("base64")}` } });
  expect(await outcome(pages, { path: "/lamp" })).toBe(401);
  expect(await outcome(pages, { path: "/lamp", ...basic("me:a-token") })).toBe("next");
  expect(await outcome(pages, { path: "/lamp", ...basic("a-token:") })).toBe(401);
  expect(await outcome(pages, { path: "/lamp", ...basic("me:other") })).toBe(401);
  expect(await outcome(pages, { path: "/lamp", headers: { authorization: "Bearer a-token" } })).toBe("next");
  expect(await outcome(pages, { path: "/open/ack/some-key" })).toBe("next");
  expect(await outcome(pages, { path: "/opened" })).toBe(401);
});

test("signing out in the editor ends that very session", async () => {
  const ended: string[] = [];
  const middleware = endSession({ signOut: async (session) => void ended.push(session) });
  const headers = { authorization: "Bearer a-session" };
  await outcome(middleware, { method: "POST", path: "/auth/revoke", headers });
  await outcome(middleware, { method: "POST", path: "/flows", headers });
  expect(ended).toEqual(["a-session"]);
});
