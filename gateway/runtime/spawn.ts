/** Where a worker's or child's file lies beside its parent's; the only place that knows that sources end in .ts and the package in .js. */

/**
 * URL of the module `name` (without extension) in the folder of `base`, with the extension that `base` itself has.
 * TypeScript rewrites import specifiers but not `new URL("./x.ts", import.meta.url)`, so the running file decides.
 *
 * @param base `import.meta.url` of the caller.
 */
export function siblingUrl(base: string, name: string): URL {
  const extension = new URL(base).pathname.endsWith(".ts") ? ".ts" : ".js";
  return new URL(`./${name}${extension}`, base);
}
