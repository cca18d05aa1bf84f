// Commits numbered events, outbox rows and marks of two persons until it is killed; tells what it began (o) and what was durable (a).
import { systemClock } from "../../../device-drivers/contract/clock.ts";
import { openStore } from "../store.ts";
import { tell } from "../../../test/crash/tell.ts";

const [dir = "", firstNumber = "0"] = process.argv.slice(2);
const { store } = await openStore({ dir, clock: systemClock(), groupMs: 5 });
for (let n = Number(firstNumber); ; n++) {
  const person = n % 2 === 0 ? "p1" : "p2";
  const payload = new Uint8Array(100 + (n % 300));
  new DataView(payload.buffer).setUint32(0, n);
  tell(`o ${n}`);
  store
    .commit(
      {
        person,
        mark: { ordinal: n, timeUs: n, position: n },
        events: [{ kind: "beat", device: "d", stream: "ecg", timeUs: n, label: "N", confidence: 1 }],
        outbox: [{ class: "semantic", timeUs: n, payload }],
      },
      n % 7 === 0,
    )
    .then(() => tell(`a ${n}`));
  if (n % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
}
