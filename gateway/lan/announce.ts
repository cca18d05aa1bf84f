/**
 * Says on the home network under which name this home is found (multicast DNS). It looks nothing up but whether the name is free, hears what others ask
 * and answers what is about this home. Without a network, or where the port can't be shared, it says why and goes on trying.
 */

import multicastDns, { type MulticastDNS } from "multicast-dns";
import type { Clock } from "../../device-drivers/contract/clock.ts";
import { type Announced, answersTo, hostOf, recordsOf } from "./dns-answers.ts";

interface Announcer {
  /** Says what is new; opens the socket anew where it had failed. */
  check(): void;
  /** Why the name can't be found by others now, in words. */
  fault(): string | undefined;
  /** Takes the name back. */
  close(): Promise<void>;
}

interface AnnouncerOptions {
  readonly clock: Clock;
  readonly announced: () => Announced;
  readonly open?: () => MulticastDNS;
}

/** RFC 6762, 1. */
const mdnsPort = 5353;

/** RFC 6762, 8.1: three questions a quarter of a second apart before a name is one's own; 8.3: said twice. */
const probeMs = 250;
const probeCount = 3;
const sayAgainMs = 1000;

export function createAnnouncer({ clock, announced, open: openSocket = () => multicastDns() }: AnnouncerOptions): Announcer {
  let socket: MulticastDNS | undefined;
  let fault: string | undefined;
  let isOwn = false;
  let said = "";
  let cancel: () => void = () => {};

  const say = () => {
    const home = announced();
    said = JSON.stringify(home);
    socket?.respond(recordsOf(home));
  };
  const probe = (left: number) => {
    if (left > 0) socket?.query([{ name: hostOf(announced().name), type: "ANY" as "A" }]);
    cancel = clock.after(probeMs, () => {
      if (left > 0) return probe(left - 1);
      isOwn = true;
      fault = undefined;
      say();
      cancel = clock.after(sayAgainMs, say);
    });
  };
  const give = (why: string) => {
    cancel();
    fault = why;
    isOwn = false;
    socket?.destroy();
    socket = undefined;
  };

  const open = () => {
    const own = openSocket();
    socket = own;
    own.on("error", ({ code }: NodeJS.ErrnoException) => {
      if (socket === own) give(`The name ${hostOf(announced().name)} is not announced on the home network (${code ?? "error"}).`);
    });
    // A network that is not there, and packets of others that can't be read.
    own.on("warning", () => {});
    own.on("query", ({ id, questions }, from) => {
      const answer = isOwn ? answersTo(questions ?? [], announced()) : undefined;
      if (answer === undefined) return;
      // Who asks from a port of its own hears no answer to all (RFC 6762, 6.7).
      if (from.port === mdnsPort) own.respond(answer);
      else own.respond({ ...answer, id, questions }, from);
    });
    own.on("response", ({ answers = [] }) => {
      const { name, addresses } = announced();
      const isOther = answers.some(
        (answer) =>
          answer.type === "A" && answer.name.toLowerCase() === hostOf(name) && !addresses.includes(answer.data) && answer.ttl !== 0,
      );
      if (isOther && !isOwn && socket === own)
        give(`Another machine is ${hostOf(name)} already: give this home another name, network.name in hearth.yaml.`);
    });
    own.on("ready", () => probe(probeCount));
  };

  return {
    check() {
      if (socket === undefined) open();
      else if (isOwn && said !== JSON.stringify(announced())) say();
    },
    fault: () => fault,
    async close() {
      cancel();
      const own = socket;
      socket = undefined;
      if (own === undefined) return;
      // What can't be sent any more is forgotten by others when its time is over.
      if (isOwn) await new Promise<void>((resolve) => own.respond({ answers: recordsOf(announced(), 0) }, () => resolve()));
      await new Promise<void>((resolve) => own.destroy(() => resolve()));
    },
  };
}
