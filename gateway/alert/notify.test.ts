import { expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import type { Priority } from "../../device-drivers/contract/event.ts";
import { collectGarbage } from "../../test/fakes/garbage.ts";
import type { Channel, Message } from "./channels/channel.ts";
import { createAlertCore } from "./core.ts";
import { createNotify } from "./notify.ts";

const carer = { role: "caregiver", name: "Person B" } as const;

/** Lets promises that are ready run; no time passes. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};

function channel(
  name: string,
  send: (message: Message, attempt: number, signal: AbortSignal) => Promise<string>,
  more: { carer?: string } = {},
) {
  const got: string[] = [];
  const self: Channel = {
    name,
    ...more,
    async send(message, signal) {
      got.push(`${message.alert.rule} ${message.why} ${message.stepId}`);
      return { receipt: await send(message, got.length, signal) };
    },
  };
  return Object.assign(self, { got });
}

function desk(channels: Channel[]) {
  const clock = virtualClock();
  let serial = 0;
  const core = createAlertCore({ newId: () => `a${++serial}`, mode: "real" });
  const events: string[] = [];
  const waits: number[] = [];
  const notify = createNotify({
    channels,
    clock,
    axisUs: () => clock.monotonicUs(),
    render: ({ alert }) => ({ title: alert.rule, body: alert.rule, lock: "lock" }),
    onAccepted: (id, name, receipt, waitedMs) => {
      events.push(`accepted ${id} ${name} ${receipt}`);
      waits.push(waitedMs);
      notify.push(core.delivered(id, name, receipt, clock.monotonicUs()));
    },
    onReach: ({ id }, isReached) => events.push(`${isReached ? "reached" : "unreached"} ${id}`),
    onFailure: (name, { code }) => events.push(`failed ${name} ${code}`),
  });
  const raise = (rule: string, priority: Priority = "high") => {
    const timeUs = clock.monotonicUs();
    notify.push(
      core.decide(
        "p1",
        {
          kind: "begin",
          rule,
          device: "strap",
          stream: "ecg",
          priority,
          alertKind: "physiological",
          onsetUs: timeUs,
          timeUs,
          quality: "good",
        },
        timeUs,
      ),
    );
  };
  /** Moves time on in steps, so that what a timer starts can answer. */
  const pass = async (seconds: number) => {
    for (let i = 0; i < seconds; i++) {
      clock.advance(1000);
      await settle();
    }
  };
  return { clock, core, notify, events, waits, raise, pass };
}

test("an alert goes to every channel at once and its receipts come back to the record", async () => {
  const one = channel("one", async () => "r1");
  const two = channel("two", async () => "r2");
  const { raise, events, core } = desk([one, two]);
  raise("rhythm.vt");
  await settle();
  expect(events).toEqual(["accepted a1 one r1", "accepted a1 two r2"]);
  expect(core.held()[0]).toMatchObject({ state: "notified", deliveries: [{ channel: "one" }, { channel: "two" }] });
});

test("a channel that throws, one that hangs and one that ignores its signal stop no other", async () => {
  const broken = channel("broken", async () => {
    throw new Error("no line");
  });
  const hanging = channel("hanging", () => new Promise(() => {}));
  const good = channel("good", async () => "ok");
  const { raise, events, pass, notify } = desk([broken, hanging, good]);
  raise("rhythm.vt");
  await settle();
  expect(events).toContain("accepted a1 good ok");
  raise("hr.high", "medium");
  await pass(61);
  expect(events).toContain("accepted a2 good ok");
  expect(events).toContain("failed broken channel.failed");
  expect(events).toContain("failed hanging channel.timeout");
  expect(events.filter((event) => event.startsWith("unreached"))).toEqual([]);
  expect(notify.figures().good).toEqual({ sent: 2, failed: 0, waiting: 0 });
});

test("attempts at one step repeat its id with growing pauses, within 60 s", async () => {
  const late = channel("late", async (_message, attempt) => {
    if (attempt < 4) throw new Error("busy");
    return "at last";
  });
  const { raise, events, waits, pass } = desk([late]);
  raise("rhythm.vt");
  await settle();
  await pass(30);
  expect(new Set(late.got).size).toBe(1);
  expect(late.got).toHaveLength(4);
  expect(events.at(-1)).toBe("accepted a1 late at last");
  expect(waits).toEqual([7000]);
});

test("when no channel accepts for 60 s it is said, and said again when one does", async () => {
  let isUp = false;
  const line = channel("line", async () => {
    if (!isUp) throw new Error("down");
    return "ok";
  });
  const { raise, events, pass, core, notify, clock } = desk([line]);
  raise("rhythm.vt");
  await pass(59);
  expect(events).not.toContain("unreached a1");
  await pass(1);
  expect(events.at(-1)).toBe("unreached a1");
  isUp = true;
  await pass(61);
  notify.push(core.tick(clock.monotonicUs()));
  await settle();
  expect(events.slice(-2)).toEqual(["accepted a1 line ok", "reached a1"]);
});

test("without any channel the alert is unreached", async () => {
  const { raise, events, pass } = desk([]);
  raise("rhythm.vt");
  await pass(60);
  expect(events).toEqual(["unreached a1"]);
});

test("an acknowledgement stops what is still being tried", async () => {
  const broken = channel("broken", async () => {
    throw new Error("no line");
  });
  const { raise, pass, core, notify, clock } = desk([broken]);
  raise("rhythm.vt");
  await pass(2);
  const tries = broken.got.length;
  notify.push(core.act("a1", "acknowledge", carer, {}, clock.monotonicUs()).changes);
  await pass(58);
  expect(broken.got).toHaveLength(tries);
});

test("a snooze keeps one carer's channel quiet and no other; everybody quiet is no failure", async () => {
  const own = channel("own", async () => "x", { carer: "Person B" });
  const all = channel("all", async () => "y");
  const { raise, pass, core, notify, clock, events } = desk([own, all]);
  raise("hr.high", "medium");
  await settle();
  core.act("a1", "snooze", carer, { minutes: 60 }, clock.monotonicUs());
  clock.advance(30 * 60_000);
  notify.push(core.tick(clock.monotonicUs()));
  await pass(61);
  expect([own.got.length, all.got.length]).toEqual([1, 2]);
  const only = desk([channel("own", async () => "x", { carer: "Person B" })]);
  only.raise("hr.high", "medium");
  await settle();
  only.core.act("a1", "snooze", carer, { minutes: 60 }, only.clock.monotonicUs());
  only.clock.advance(30 * 60_000);
  only.notify.push(only.core.tick(only.clock.monotonicUs()));
  await only.pass(61);
  expect(only.events).toEqual(["accepted a1 own x"]);
  expect(events.filter((event) => event.startsWith("unreached"))).toEqual([]);
});

test("low alerts go to no channel, and a high one overtakes what waits", async () => {
  const slow = channel("slow", () => new Promise(() => {}));
  const { raise, pass } = desk([slow]);
  raise("device.lead-off", "low");
  for (let i = 0; i < 8; i++) raise(`medium.${i}`, "medium");
  raise("rhythm.vt");
  await pass(11);
  expect(slow.got.some((line) => line.startsWith("device.lead-off"))).toBe(false);
  expect(slow.got.findIndex((line) => line.startsWith("rhythm.vt"))).toBe(4);
});

test("what was stored and never accepted before a crash is sent after it, and a fake receiver sees it", async () => {
  const before = desk([channel("dead", () => new Promise(() => {}))]);
  before.raise("hr.high", "medium");
  before.notify.close();
  const line = channel("line", async () => "ok");
  const after = desk([line]);
  after.notify.push(after.core.reopen(before.core.held(), 0));
  await settle();
  expect(line.got).toEqual([expect.stringMatching(/^hr.high still-open-after-restart a1\//)]);
});

test("one that somebody has taken on the page is no failed delivery, however dead the channels are", async () => {
  const dead = channel("line", async () => {
    throw new Error("no line");
  });
  const { clock, core, notify, raise, events, pass } = desk([dead]);
  const reach = () => events.filter((event) => /^(un)?reached/.test(event));
  raise("rhythm.vt");
  await pass(20);
  notify.push(core.act("a1", "acknowledge", carer, {}, clock.monotonicUs()).changes);
  await pass(120);
  expect(reach()).toEqual([]);
  raise("rhythm.asystole");
  await pass(61);
  expect(reach()).toEqual(["unreached a2"]);
  notify.push(core.act("a2", "acknowledge", carer, {}, clock.monotonicUs()).changes);
  expect(reach()).toEqual(["unreached a2", "reached a2"]);
});

test("a message that was taken is not held by the channel's signal until the end", async () => {
  const signals: WeakRef<AbortSignal>[] = [];
  const phone = channel("phone", async (_message, attempt, signal) => {
    signals.push(new WeakRef(signal));
    return `r${attempt}`;
  });
  const { raise, pass, notify } = desk([phone]);
  for (let i = 0; i < 5; i++) raise(`rule-${i}`);
  await pass(61);
  await collectGarbage();
  expect(signals.length).toBeGreaterThanOrEqual(5);
  expect(signals.filter((signal) => signal.deref() !== undefined)).toEqual([]);
  notify.close();
});

test("closing ends the attempts that are under way", async () => {
  const ended: string[] = [];
  const hung = channel("hung", (message, _attempt, signal) => {
    signal.addEventListener("abort", () => ended.push(message.alert.rule));
    return new Promise(() => {});
  });
  const { raise, notify } = desk([hung]);
  raise("rhythm.vt");
  notify.close();
  expect(ended).toEqual(["rhythm.vt"]);
  await notify.idle();
});

test("what only displays has reached nobody: the display accepts, the phone fails, and after 60 s it is said", async () => {
  const page = Object.assign(
    channel("page", async () => "shown"),
    { isDisplay: true },
  );
  let isUp = false;
  const phone = channel("phone", async () => {
    if (!isUp) throw new Error("down");
    return "ok";
  });
  const { raise, events, pass, core, notify, clock } = desk([page, phone]);
  raise("rhythm.vt");
  await pass(59);
  expect(events).toContain("accepted a1 page shown");
  expect(events).not.toContain("unreached a1");
  await pass(1);
  expect(events.at(-1)).toBe("unreached a1");
  isUp = true;
  await pass(61);
  notify.push(core.tick(clock.monotonicUs()));
  await settle();
  expect(events.slice(-2)).toEqual([expect.stringMatching(/^accepted a1 phone/), "reached a1"]);
});

test("where a display is all that there is, it is enough; one that does not want the message is not there", async () => {
  const display = () =>
    Object.assign(
      channel("page", async () => "shown"),
      { isDisplay: true },
    );
  const alone = desk([display()]);
  alone.raise("rhythm.vt");
  await alone.pass(61);
  const phone = Object.assign(
    channel("phone", async () => "ok"),
    { wants: () => false },
  );
  const beside = desk([display(), phone]);
  beside.raise("rhythm.vt");
  await beside.pass(61);
  for (const { events } of [alone, beside]) expect(events.filter((event) => !event.startsWith("accepted a1 page"))).toEqual([]);
  expect(phone.got).toEqual([]);
});

test("a snooze keeps quiet until its end and not a moment longer", async () => {
  const own = channel("own", async () => "x", { carer: "Person B" });
  const { raise, core, notify, clock, pass } = desk([own]);
  raise("hr.high", "medium");
  await settle();
  core.act("a1", "snooze", carer, { minutes: 30 }, clock.monotonicUs());
  await pass(30 * 60);
  notify.push(core.tick(clock.monotonicUs()));
  await settle();
  expect(own.got).toHaveLength(2);
});

test("a channel that hangs keeps 200 messages, and gives up the newest lower one for a high", async () => {
  const hanging = channel("hanging", () => new Promise(() => {}));
  const { notify, clock } = desk([hanging]);
  const message = (id: string, priority: Priority) =>
    ({
      ...{ why: "raised", notify: true, audit: { atUs: clock.monotonicUs() } },
      alert: { id, priority, rule: id, snoozes: [], deliveries: [], state: "active" },
    }) as unknown as Parameters<typeof notify.push>[0][number];
  for (let i = 0; i < 300; i++) notify.push([message(`m${i}`, "medium")]);
  await settle();
  expect(notify.figures().hanging).toEqual({ sent: 0, failed: 0, waiting: 200 });
  notify.push([message("h1", "high"), message("h2", "high")]);
  expect(notify.figures().hanging?.waiting).toBe(200);
  clock.advance(10_000);
  await settle();
  expect(hanging.got.slice(4).map((each) => each.split(" ")[0])).toEqual(["h1", "h2", "m4", "m5"]);
});

test("idle waits for what is under way and for nothing else", async () => {
  let answer = (_receipt: string) => {};
  const slow = channel("slow", () => new Promise((resolve) => (answer = resolve)));
  const { raise, notify } = desk([slow]);
  await notify.idle();
  raise("rhythm.vt");
  let isIdle = false;
  void notify.idle().then(() => {
    isIdle = true;
  });
  await settle();
  expect(isIdle).toBe(false);
  answer("r");
  await settle();
  expect(isIdle).toBe(true);
});

test("what is pushed after the close is sent to nobody and waits for nothing", async () => {
  const hanging = channel("hanging", () => new Promise(() => {}));
  const { raise, notify, events } = desk([hanging]);
  notify.close();
  raise("rhythm.vt");
  await settle();
  await notify.idle();
  expect([events, hanging.got]).toEqual([[], []]);
});
