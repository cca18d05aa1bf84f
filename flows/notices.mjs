// The licences of what is bundled, as they ask to be passed on: of each package its name, version and licence file.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const licenceFile = /^(licen[cs]e|copying|notice)(\.(md|txt))?$/i;

/**
 * @param {string[]} inputs files of the bundle, absolute
 * @returns {string} one text; a bundled package without a licence is an error
 */
export function noticesOf(inputs) {
  const folders = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const notices = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const files = readdirSync(folder).filter((file) => licenceFile.test(file));
    if (license === undefined && files.length === 0) throw new Error(`${name} in ${dirname(folder)} names no licence`);
    const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
    return `${name} ${version}, ${license}\n\n${texts.join("\n\n")}\n`;
  });
  return `hearth.js contains parts of these packages.\n\n${notices.join("\n---\n\n")}`;
}
