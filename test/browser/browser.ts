/** A real chromium for tests through playwright-core, or the reason why there is none. It downloads nothing. */

import { existsSync } from "node:fs";

/** The part of playwright's types that the tests use, so that checking types needs no browser package. */
export interface Locator {
  click(options?: { timeout?: number }): Promise<void>;
  fill(text: string): Promise<void>;
  count(): Promise<number>;
  first(): Locator;
  or(other: Locator): Locator;
  locator(selector: string): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  textContent(): Promise<string | null>;
  getAttribute(name: string): Promise<string | null>;
  isVisible(): Promise<boolean>;
  selectOption(value: string): Promise<unknown>;
  setInputFiles(files: readonly string[] | readonly { name: string; mimeType: string; buffer: Buffer }[]): Promise<void>;
  waitFor(options?: { state?: "visible" | "hidden" | "attached" | "detached"; timeout?: number }): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  /** Runs in the page before any of its own scripts. */
  addInitScript(script: { content: string }): Promise<void>;
  readonly keyboard: { press(key: string): Promise<void> };
  url(): string;
  locator(selector: string): Locator;
  getByRole(role: string, options?: { name?: string | RegExp; exact?: boolean }): Locator;
  getByText(text: string | RegExp): Locator;
  getByLabel(text: string | RegExp): Locator;
  evaluate<T>(script: string): Promise<T>;
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  on(event: "request", listener: (request: { url(): string }) => void): void;
  on(event: "console", listener: (message: { type(): string; text(): string }) => void): void;
  on(event: "pageerror", listener: (error: Error) => void): void;
  pdf(options: { printBackground: boolean; preferCSSPageSize: boolean }): Promise<Uint8Array>;
  setViewportSize(size: { width: number; height: number }): Promise<void>;
  emulateMedia(options: { colorScheme: "light" | "dark" }): Promise<void>;
  close(): Promise<void>;
}

export interface Browser {
  newPage(options: { viewport: { width: number; height: number }; colorScheme?: "light" | "dark" }): Promise<Page>;
  close(): Promise<void>;
}

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts chromium headless. Undefined, with the reason printed, where the package or the browser is absent. */
export async function launchBrowser(): Promise<Browser | undefined> {
  // By name at run time: the package is installed only with `npm ci --prefix test`.
  const packageName = "playwright-core";
  const playwright = await (import(packageName) as Promise<{ chromium: { launch(options: object): Promise<Browser> } }>).catch(
    () => undefined,
  );
  const executablePath = [process.env.CHROMIUM ?? "", ...places].find((path) => path !== "" && existsSync(path));
  if (playwright === undefined || executablePath === undefined) {
    const reason = playwright === undefined ? "playwright-core is not installed (npm ci --prefix test)" : "no chromium was found";
    console.log(`browser tests are skipped: ${reason}`);
    return undefined;
  }
  // Containers run as root, where chromium's sandbox refuses to start; the pages are our own.
  return playwright.chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** Waits until an expression is true in the page. It asks again and again from outside, because the page's own policy forbids evaluation inside. */
export async function waitFor(page: Page, expression: string, timeoutMs = 60_000): Promise<void> {
  const endMs = Date.now() + timeoutMs;
  while (!(await page.evaluate<boolean>(`Boolean(${expression})`))) {
    if (Date.now() > endMs) throw new Error(`not true within ${timeoutMs} ms: ${expression}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Waits until the text of an element at a selector matches. */
export function waitForText(page: Page, selector: string, pattern: RegExp, timeoutMs = 60_000): Promise<void> {
  return waitFor(
    page,
    `[...document.querySelectorAll(${JSON.stringify(selector)})].some((e) => ${pattern.toString()}.test(e.innerText))`,
    timeoutMs,
  );
}
