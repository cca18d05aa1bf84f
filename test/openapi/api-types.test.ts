/** The types that programs of others are written with are those of the gateway's own document. */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Routes, Schemas } from "../../flows/api-types.d.ts";
import type { Alert } from "../../flows/client/wire.ts";
import { openAccess } from "../../gateway/access/access.ts";
import { createApp } from "../../gateway/api/http.ts";
import { openApi } from "../../gateway/api/openapi.ts";
import { createLog } from "../../gateway/runtime/log.ts";
import { createFakeView } from "../fakes/fake-view.ts";
import { type OpenApi, typesOf } from "./types-of.ts";

const file = new URL("../../flows/api-types.d.ts", import.meta.url);

test("flows/api-types.d.ts is made from the document as it is now", () => {
  const document = JSON.parse(JSON.stringify(openApi("0.0.0"))) as OpenApi;
  const made = typesOf(document);
  if (process.env.HEARTH_WRITE_TYPES === "1") writeFileSync(file, made);
  expect(existsSync(file) && readFileSync(file, "utf8")).toBe(made);
  expect(made).toContain('"PUT /api/v1/people/{id}/conditions/{rule}"');
});

/** What the palette reads of an alert by hand is what the document says: the checker refuses it otherwise. */
const asThePaletteReadsIt = (alert: Schemas["Alert"]): Alert => alert;

test("a client that is written with the types talks to the gateway", async () => {
  const clock = virtualClock(1_700_000_000_000_000);
  const view = createFakeView(clock);
  const access = openAccess({ clock, given: [{ token: "tok", role: "integrator" }] });
  const app = createApp({
    view,
    access,
    host: "127.0.0.1",
    log: createLog({ level: "silent" }),
    alertText: () => ({ title: "t", body: "b" }),
  });
  const ask = async <Route extends keyof Routes>(
    route: Route,
    path: Routes[Route]["path"],
    body?: Routes[Route]["body"],
  ): Promise<Routes[Route]["answer"]> => {
    const [method = "", pattern = ""] = route.split(" ");
    const address = Object.entries(path).reduce(
      (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(`${value}`)),
      pattern,
    );
    const answer = await app.request(address, {
      ...{ method, headers: { authorization: "Bearer tok" } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as Routes[Route]["answer"];
  };
  view.raise({ id: "a1" });
  const { alerts } = await ask("GET /api/v1/alerts", {});
  expect(alerts.map((alert) => asThePaletteReadsIt(alert).id)).toEqual(["a1"]);
  const { condition } = await ask(
    "PUT /api/v1/people/{id}/conditions/{rule}",
    { id: "person-a", rule: "flow.bed" },
    { title: "Out of bed" },
  );
  expect(condition.person).toBe("person-a");
  expect((await ask("POST /api/v1/people/{id}/help", { id: "person-a" }, {})).help.state).toBe("counting");
});
