/** `hearth twin gateways`: at the twin, who is enrolled and what was done about it. */

import { openHome } from "../config/home-folder.ts";
import { homeFolder } from "../config/load.ts";
import { isoOrNull } from "../runtime/iso-time.ts";
import { tableText } from "../runtime/text-table.ts";
import { openStoreAt } from "../twin/store/open.ts";
import { type Json, say } from "./say.ts";
import { foldersOf, twinConfig, twinPlace } from "./twin-home.ts";

const actsShown = 50;

/** Throws `twin.*`. */
export async function listGateways(options: Json): Promise<void> {
  const home = openHome(homeFolder());
  const store = await openStoreAt(twinPlace(foldersOf(home).dir, twinConfig(home).twin), () => {});
  try {
    const watched = new Map((await store.watched()).map((each) => [each.gateway, each]));
    const gateways = (await store.enrolled()).map(({ gateway, isJoined = false }) => ({
      id: gateway,
      enrolled_by: isJoined ? "claim" : "folder",
      heard_at: isoOrNull(watched.get(gateway)?.heardUs),
      silent: watched.get(gateway)?.told?.level ?? null,
    }));
    const acts = (await store.enrolmentActs(actsShown)).map(({ gateway, what, by, atUs }) => ({ gateway, what, by, at: isoOrNull(atUs) }));
    const words = [
      tableText(
        ["gateway", "enrolled by", "last heard", "silent"],
        gateways.map((each) => Object.values(each).map((cell) => `${cell ?? "–"}`)),
      ),
      "",
      tableText(
        ["gateway", "what", "by", "when"],
        acts.map((each) => Object.values(each).map((cell) => `${cell ?? "–"}`)),
      ),
    ];
    say(options, { gateways, acts }, words.join("\n"));
  } finally {
    await store.close();
  }
}
