// Offers numbered records to two lanes until it is killed, and tells on stdout what it offers (o) and what was acknowledged (a).
import { systemClock } from "../../../device-drivers/contract/clock.ts";
import { openJournal } from "../journal.ts";
import { tell } from "../../../test/crash/tell.ts";

const [dir = "", keysDir = "", bootId = "", firstNumber = "0"] = process.argv.slice(2);
const clock = systemClock();
const journal = await openJournal({ dir, keysDir, clock, bootId, commitMs: 1, maxSegmentBytes: 20_000 });
for (let n = Number(firstNumber); ; n++) {
  const bytes = new Uint8Array(200 + (n % 400));
  new DataView(bytes.buffer).setUint32(0, n);
  const stamps = { timeUs: clock.wallUs(), monotonicUs: clock.monotonicUs(), wallUs: clock.wallUs(), wallQuality: "ntp" } as const;
  tell(`o ${n}`);
  journal.offer(n % 2 === 0 ? "p1" : "p2", { link: "mqtt", device: "d", channel: "c", bytes, stamps }, (error) => tell(error === undefined ? `a ${n}` : `e ${n}`));
  if (n % 4 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
