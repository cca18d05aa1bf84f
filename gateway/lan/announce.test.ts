import { EventEmitter } from "node:events";
import type { Answer } from "dns-packet";
import type { MulticastDNS } from "multicast-dns";
import { describe, expect, test } from "vitest";
import { virtualClock } from "../../device-drivers/contract/clock.ts";
import { createAnnouncer } from "./announce.ts";
import type { Announced } from "./dns-answers.ts";

type Said = { answers: Answer[]; additionals?: Answer[]; id?: number };

/** A home on a network that is a list of what was said there. */
function network() {
  const clock = virtualClock(0);
  const home = {
    name: "home",
    addresses: ["192.168.1.5"],
    services: [{ type: "_secure-mqtt._tcp", port: 8883, text: { site: "home" } }],
  };
  const asked: string[] = [];
  const said: { to: number; answers: Answer[]; additionals: Answer[] }[] = [];
  const sockets: EventEmitter[] = [];
  const open = () => {
    const socket = Object.assign(new EventEmitter(), {
      query: (questions: { name: string }[]) => void asked.push(...questions.map(({ name }) => name)),
      respond(what: Said | Answer[], to?: { port: number } | (() => void), done?: () => void) {
        const { answers, additionals = [] } = Array.isArray(what) ? { answers: what } : what;
        said.push({ to: typeof to === "object" ? to.port : 5353, answers, additionals });
        (typeof to === "function" ? to : done)?.();
      },
      destroy: (done?: () => void) => done?.(),
    });
    sockets.push(socket);
    return socket as unknown as MulticastDNS;
  };
  const announcer = createAnnouncer({ clock, announced: (): Announced => home, open });
  const ready = () => {
    announcer.check();
    sockets.at(-1)?.emit("ready");
  };
  const hear = (kind: "query" | "response", packet: object, port = 5353) => sockets.at(-1)?.emit(kind, packet, { port });
  return { clock, home, asked, said, sockets, announcer, ready, hear };
}

describe("the home's name on the network", () => {
  test("is asked for three times, then told twice, with its services", () => {
    const { clock, asked, said, ready } = network();
    ready();
    clock.advance(700);
    expect([asked, said]).toEqual([["home.local", "home.local", "home.local"], []]);
    clock.advance(2000);
    expect(said.length).toBe(2);
    expect(said[0]?.answers.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "A home.local",
      "PTR _secure-mqtt._tcp.local",
      "SRV home._secure-mqtt._tcp.local",
      "TXT home._secure-mqtt._tcp.local",
      "PTR _services._dns-sd._udp.local",
    ]);
  });

  test("is answered to whoever asks for it or its services, directly to one who asks from another port, and nothing else is", () => {
    const { clock, said, ready, hear } = network();
    ready();
    clock.advance(5000);
    said.length = 0;
    hear("query", { questions: [{ name: "HOME.local", type: "A" }] });
    hear("query", { questions: [{ name: "_secure-mqtt._tcp.local", type: "PTR" }], id: 7 }, 40_000);
    hear("query", { questions: [{ name: "tv.local", type: "A" }] });
    hear("query", { questions: [{ name: "home.local", type: "AAAA" }] });
    expect(said.map(({ to, answers }) => [to, answers.map(({ type }) => type).join()])).toEqual([
      [5353, "A"],
      [40_000, "PTR"],
    ]);
    expect(said[1]?.additionals.map(({ type }) => type)).toContain("SRV");
  });

  test("is told anew when an address changes, and taken back at the end", async () => {
    const { clock, home, said, announcer, ready } = network();
    ready();
    clock.advance(5000);
    said.length = 0;
    announcer.check();
    expect(said.length).toBe(0);
    home.addresses = ["192.168.1.77"];
    announcer.check();
    expect(said[0]?.answers[0]).toMatchObject({ type: "A", data: "192.168.1.77", ttl: 120 });
    await announcer.close();
    expect(said.at(-1)?.answers.every((answer) => "ttl" in answer && answer.ttl === 0)).toBe(true);
  });

  test("that another machine has is not taken: it is said in words, and tried again", () => {
    const { clock, said, announcer, ready, hear } = network();
    ready();
    clock.advance(300);
    hear("response", { answers: [{ type: "A", name: "home.local", data: "192.168.1.9", ttl: 120 }] });
    clock.advance(5000);
    expect([said, announcer.fault()]).toEqual([[], expect.stringMatching(/home\.local already.*network\.name/)]);
    ready();
    clock.advance(5000);
    expect([said.length > 0, announcer.fault()]).toEqual([true, undefined]);
  });

  test("a port that can't be shared and a network that is gone end nothing", () => {
    const { clock, sockets, announcer, ready } = network();
    ready();
    sockets.at(-1)?.emit("warning", new Error("ENETUNREACH"));
    sockets.at(-1)?.emit("error", Object.assign(new Error("busy"), { code: "EADDRINUSE" }));
    expect(announcer.fault()).toMatch(/home\.local is not announced.*EADDRINUSE/);
    ready();
    clock.advance(5000);
    expect([sockets.length, announcer.fault()]).toEqual([2, undefined]);
  });
});
