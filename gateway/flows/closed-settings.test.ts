import { expect, test, vi } from "vitest";
import { closedSettings } from "./closed-settings.ts";

const settings = closedSettings({
  ...{ gateway: "http://127.0.0.1:9", port: 1880, userDir: "/home/flows", palette: "/palette", credentialSecret: "secret" },
}) as Record<string, unknown> & { logging: { hearth: { handler(): (line: object) => void } } };

test("the editor is this machine's alone, nobody is in it without an account, and no code comes from the network", () => {
  expect(settings).toMatchObject({
    uiHost: "127.0.0.1",
    adminAuth: { type: "credentials" },
    externalModules: {
      autoInstall: false,
      palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
      modules: { allowInstall: false },
    },
    functionExternalModules: false,
    nodeMessageBufferMaxLength: 1000,
    telemetry: { enabled: false, updateNotification: false },
  });
  expect(settings.adminAuth).not.toHaveProperty("default");
});

test("a WebSocket of a flow wants a token as a page does", async () => {
  const verify = settings.webSocketNodeVerifyClient as (info: object, done: (isWelcome: boolean, code?: number) => void) => void;
  const asked = (headers: object) =>
    new Promise((resolve) => verify({ req: { headers } }, (isWelcome, code) => resolve([isWelcome, code])));
  expect(await asked({ host: "localhost:1880" })).toEqual([false, 401]);
  expect(await asked({ host: "evil.example" })).toEqual([false, 421]);
});

test("what a node says stays in the editor; what Node-RED itself says is printed", () => {
  const printed: string[] = [];
  const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  const log = settings.logging.hearth.handler();
  log({ level: 20, id: "n1", name: "Lamp", type: "function", msg: "Person A: 182 bpm" });
  log({ level: 30, msg: "Projects disabled : set editorTheme.projects.enabled=true to enable" });
  log({ level: 20, msg: new Error("no room on the disk") });
  write.mockRestore();
  expect(printed).toEqual([
    'Node-RED: the node "Lamp" (function) reports a problem; the editor\'s debug side bar says which.\n',
    "Node-RED: no room on the disk\n",
  ]);
});
