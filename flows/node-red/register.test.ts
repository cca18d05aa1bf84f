import { expect, test } from "vitest";
import { HearthProblem } from "../client/problem.ts";
import type { OwnStatus } from "../client/wire.ts";
import { nodes } from "../nodes/index.ts";
import { palette } from "../palette.ts";
import { createFakeGateway } from "./fake-host.ts";
import { createFakeRed } from "./fake-red.ts";
import type { NodeType } from "./host.ts";
import { registerNode } from "./register.ts";

const echo: NodeType = {
  type: "hearth echo",
  open: (_settings, { status, gateway }) => ({
    async input(message, send) {
      if (message.payload === "bad") throw new HearthProblem("flows.bad", "This is bad.");
      status("good", "echo.done", { count: 1 });
      send(message);
    },
    close: () => gateway?.close(),
  }),
};

function redWithEcho() {
  const fake = createFakeGateway();
  const { red, make } = createFakeRed();
  registerNode(red, echo);
  red.nodes.registerType("hearth-gateway", function (this, settings) {
    red.nodes.createNode(this, settings);
    Object.assign(this, { gateway: fake.gateway });
  });
  make("hearth-gateway", { id: "g" });
  return { ...fake, make };
}

test("the whole palette registers its types", () => {
  const { red, types } = createFakeRed();
  palette(red);
  expect([...types.keys()]).toEqual(["hearth-gateway", ...nodes.map(({ type }) => type)]);
});

test("a node says that no gateway is chosen, and works on what comes all the same", async () => {
  const { make } = redWithEcho();
  const node = make("hearth echo", { id: "n", gateway: "none" });
  expect(node.statuses).toEqual([{ fill: "red", shape: "ring", text: "common.no-gateway {}" }]);
  expect(await node.input({ payload: "bad" })).toMatchObject({ message: "This is bad." });
});

test("the gateway's state is shown while it is not there, the node's own line after that", async () => {
  const { make, become } = redWithEcho();
  const node = make("hearth echo", { id: "n", gateway: "g" });
  const line = () => node.statuses.at(-1)?.text;
  expect(line()).toBe("common.connecting {}");
  become({ kind: "live", status: {} as OwnStatus });
  expect(line()).toBe("common.connected {}");
  expect(await node.input({ payload: 1 })).toBeUndefined();
  expect(node.sent).toEqual([{ payload: 1 }]);
  expect(line()).toBe('echo.done {"count":1}');
  become({ kind: "lost", problem: new HearthProblem("flows.silent", "It went silent.") });
  expect(line()).toBe('common.lost {"why":"It went silent."}');
  become({ kind: "refused", problem: new HearthProblem("http.unauthorized", "This token is not known here.", 401) });
  expect([line(), node.statuses.at(-1)?.fill]).toEqual(["common.token-refused {}", "red"]);
  become({ kind: "refused", problem: new HearthProblem("http.wrong_host", "Not one of mine.", 421) });
  expect(line()).toBe('common.refused {"why":"Not one of mine."}');
  become({ kind: "live", status: {} as OwnStatus });
  expect(line()).toBe('echo.done {"count":1}');
});

test("a closed node hears no more of the gateway", async () => {
  const { make, listeners } = redWithEcho();
  const node = make("hearth echo", { id: "n", gateway: "g" });
  expect(listeners()).toBe(1);
  await node.close();
  expect(listeners()).toBe(0);
});
