/** The palette in the real editors: what Node-RED 5 shows of each node, and what Node-RED 4.1 makes of it. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { types } from "../../flows/build.mjs";
import { launchBrowser, type Page, waitFor } from "../browser/browser.ts";
import { keptPort } from "../fakes/kept-port.ts";
import { type FlowsAtHome, openFlowsAtHome, root, startProgram, whyNoNodeRed } from "./programs.ts";

const why = whyNoNodeRed();
if (why !== undefined) process.stderr.write(`flows: skipped, ${why}\n`);
const browser = why === undefined ? await launchBrowser() : undefined;

let home: FlowsAtHome;
let page: Page;
const faults: string[] = [];

beforeAll(async () => {
  if (browser === undefined) return;
  home = openFlowsAtHome();
  await home.startGateway();
  const flows = home.startFlows("--port", "0");
  const [, address = ""] = await flows.says(/Node-RED runs: (\S+)/);
  const [, code = ""] = await flows.says(/password: (\S+)/);
  await flows.says(/Ctrl-C ends it\./);
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  page.on("pageerror", (error) => void faults.push(error.message));
  await page.goto(address);
  await page.locator("#node-dialog-login-username").fill("me");
  await page.locator("#node-dialog-login-password").fill(code);
  await page.locator("#node-dialog-login-submit").click();
  await waitFor(page, "window.RED?.workspaces?.active() && RED.nodes.filterNodes({}).length > 0");
}, 180_000);

afterAll(async () => {
  await page?.close();
  await browser?.close();
  await home?.close();
});

/** Opens a node's dialog as a double click does, and says what it shows. */
async function dialogOf(type: string): Promise<{ fields: number; unworded: string[]; title: string }> {
  const isConfig = type === "hearth-gateway";
  await page.evaluate(
    isConfig
      ? 'RED.editor.editConfig("", "hearth-gateway", "hearth-home"); 0'
      : `(() => { const [node] = RED.nodes.filterNodes({ type: ${JSON.stringify(type)} }); RED.editor.edit(node); })()`,
  );
  const form = isConfig ? "#node-config-dialog-edit-form" : "#dialog-form";
  await waitFor(page, `document.querySelector("${form} .form-row") !== null`);
  const shown = await page.evaluate<{ fields: number; unworded: string[]; title: string }>(`(() => {
    const form = document.querySelector("${form}");
    // A text that is missing from the catalogue shows as its key.
    const texts = [...form.querySelectorAll("[data-i18n], option, label")].map((e) => e.textContent.trim());
    return {
      fields: form.querySelectorAll("input, select, textarea").length,
      unworded: texts.filter((text) => /^[a-z-]+(\\.[a-z-]+)+$/.test(text)),
      title: document.querySelector(".red-ui-tray-titlebar")?.textContent.trim() ?? "",
    };
  })()`);
  await page.locator("#node-dialog-cancel, #node-config-dialog-cancel").first().click();
  await waitFor(page, `document.querySelector("${form}") === null`);
  return shown;
}

describe.skipIf(browser === undefined)("the editor of Node-RED 5", () => {
  test("signs in by its own form, and has every node of the palette in a group of its own", async () => {
    const inPalette = await page.evaluate<string[]>(
      '[...document.querySelectorAll("#red-ui-palette-hearth .red-ui-palette-node")].map((e) => e.dataset.paletteType)',
    );
    expect(inPalette.sort()).toEqual(types.filter((type) => type !== "hearth-gateway").sort());
  });

  test("shows every node's dialog with words for every field, and its help", async () => {
    const nodes = types.filter((type) => type !== "hearth-gateway");
    await page.evaluate(`(() => {
      const z = RED.workspaces.active();
      RED.view.importNodes(${JSON.stringify(nodes)}.map((type, i) => ({ id: "n" + i, type, z, x: 200, y: 300 + 60 * i, wires: [] })), { generateIds: true, addFlow: false, touchImport: true });
    })()`);
    await page.keyboard.press("Escape");
    for (const type of types) {
      const { fields, unworded } = await dialogOf(type);
      expect([type, fields > 0, unworded]).toEqual([type, true, []]);
      const help = await page.evaluate<string>(`RED.nodes.getNodeHelp(${JSON.stringify(type)}) ?? ""`);
      expect([type, help.length > 200]).toEqual([type, true]);
    }
    expect(faults).toEqual([]);
  });

  test("gives a node that is dragged onto the canvas the one gateway that there is", async () => {
    const added = await page.evaluate<unknown>(`(() => {
      const { node } = RED.view.createNode("hearth vitals", 400, 400);
      return [node.gateway, RED.editor.validateNode(node)];
    })()`);
    expect(added).toEqual(["hearth-home", true]);
  });

  test("offers the example flows in its import menu, and an imported one uses the gateway that is there", async () => {
    await page.evaluate('RED.actions.invoke("core:show-import-dialog"); 0');
    const examples = page.locator("#red-ui-clipboard-dialog-import-tab-examples");
    await page.locator("a[href='#red-ui-clipboard-dialog-import-tab-examples']").first().click();
    await examples.locator("text=@hearth/node-red-hearth").click();
    await examples.locator("text=06 vital signs on a page").click();
    await page.getByText("new flow").click();
    await page.locator("#red-ui-clipboard-dialog-ok").click();
    await waitFor(page, "RED.nodes.filterNodes({ type: 'hearth vitals' }).some((node) => node.gateway === 'hearth-home')");
  });
});

describe.skipIf(why !== undefined)("Node-RED 4.1", () => {
  test("loads the same bundle with every type and no error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hearth-flows-4-"));
    const port = await keptPort();
    const settings = {
      uiHost: "127.0.0.1",
      uiPort: port,
      nodesDir: [join(root, "flows")],
      telemetry: { enabled: false },
      editorTheme: { tours: false },
    };
    mkdirSync(join(folder, "user"));
    writeFileSync(join(folder, "settings.cjs"), `module.exports = ${JSON.stringify(settings)};`);
    const program = startProgram(
      [join(root, "flows/node_modules/node-red-4/red.js"), "--userDir", join(folder, "user"), "--settings", join(folder, "settings.cjs")],
      {},
    );
    try {
      await program.says(/Started flows/);
      expect(program.printed()).toMatch(/Node-RED version: v4\.1\./);
      const answer = await fetch(`http://127.0.0.1:${port}/nodes`, { headers: { accept: "application/json" } });
      const sets = (await answer.json()) as { module: string; types: string[]; err?: string; enabled: boolean }[];
      const own = sets.filter(({ module }) => module === "@hearth/node-red-hearth");
      expect(own.flatMap((set) => set.types)).toEqual(types);
      expect(own.filter(({ err, enabled }) => err !== undefined || !enabled)).toEqual([]);
    } finally {
      await program.interrupt();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
