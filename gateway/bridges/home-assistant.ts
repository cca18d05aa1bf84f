/**
 * Home Assistant discovery: the gateway, people who agreed and what they wear appear in a smart home by themselves, over its own MQTT broker. Off until
 * hearth.yaml names that broker. docs/home-assistant.md says what leaves the house.
 */

import { readFileSync } from "node:fs";
import Type, { type Static } from "typebox";
import type { AlertRecord } from "../../device-drivers/contract/event.ts";
import { openConnection } from "../sync/connection.ts";
import type { Link } from "../sync/link-port.ts";
import { type Bridge, type BridgeContext, defineBridge } from "./bridge.ts";
import { createCommands } from "./home-assistant-commands.ts";
import { commandTopic, componentsOf, offline, online, statusTopic, topicsOf } from "./home-assistant-discovery.ts";
import { createAlertEvents } from "./home-assistant-events.ts";
import { type Memory, openMemory } from "./home-assistant-memory.ts";
import { presenceLevels, shareLevels, type Thing, thingsOf } from "./home-assistant-things.ts";
import { createRetainedTopics } from "./retained-topics.ts";
import { createWatchedNow } from "./watched-now.ts";

/** Topic levels without wildcards. */
const topicPattern = "^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$";

const options = {
  url: Type.String({ pattern: "^mqtts?://[^@]+$", description: "The smart home's MQTT broker, as mqtts://homeassistant.local:8883" }),
  username: Type.Optional(Type.String({ minLength: 1, description: "Its account for Hearth" })),
  password: Type.Optional(Type.String({ minLength: 1, description: "The account's password; write it as !secret NAME" })),
  ca: Type.Optional(
    Type.String({ minLength: 1, description: "Certificate (PEM file) of who vouches for that broker, where it is the home's own" }),
  ),
  people: Type.Array(
    Type.Object(
      {
        id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,31}$", description: "A person of this home who has agreed" }),
        shares: Type.Union(
          shareLevels.map((level) => Type.Literal(level)),
          {
            default: "alerts",
            description:
              "alerts: that one is open and how urgent, and how the wearables stand; numbers: heart rate and the like too; everything: and alerts in full words",
          },
        ),
      },
      { additionalProperties: false },
    ),
    {
      default: [],
      maxItems: 50,
      description: "Who is shown there. Whoever may read that broker reads it, so ask them",
      examples: ["- id: person-a\n  shares: numbers"],
    },
  ),
  acknowledge: Type.Boolean({ default: false, description: "A button there acknowledges alerts, signed by 'home assistant'" }),
  help: Type.Boolean({ default: false, description: "A button there calls for help for a person; nobody can take it back there" }),
  presence: Type.Union(
    presenceLevels.map((level) => Type.Literal(level)),
    {
      default: "no",
      description:
        "shown: whether each person is at home, away or paused stands there; said: it may be said from there too, and silent sensors of who is away alarm nobody",
    },
  ),
  everyS: Type.Integer({ minimum: 1, maximum: 60, default: 5, description: "Seconds between two messages of one number, at least" }),
  discoveryPrefix: Type.String({
    pattern: topicPattern,
    maxLength: 100,
    default: "homeassistant",
    description: "Home Assistant's own setting of this name",
  }),
  birthTopic: Type.String({
    pattern: topicPattern,
    maxLength: 100,
    default: "homeassistant/status",
    description: "Where Home Assistant says 'online' when it has started",
  }),
};
type Settings = Static<ReturnType<typeof Type.Object<typeof options>>>;

export const homeAssistant = defineBridge({
  name: "home-assistant",
  description: "The people named here and what they wear, shown in Home Assistant through its own MQTT broker (docs/home-assistant.md)",
  options,
  open: openHomeAssistant,
});

const lookMs = 1000;
/** Alerts that change within this time go out with one look. */
const gatherMs = 100;
/** After Home Assistant's birth: it has so long to subscribe, and a house full of bridges does not answer at once. */
const birthSpreadMs = 10_000;
const stuckS = 30;
const longestPauseMs = 60_000;
/** The largest message that is for us is a word. */
const maxPacketBytes = 65_536;
const maxThings = 100;

function openHomeAssistant(context: BridgeContext, settings: Settings): Bridge {
  let open: readonly AlertRecord[] = [];
  let close: () => Promise<void> = async () => {};
  let look = () => {};
  let isClosed = false;
  let cancelGather: (() => void) | undefined;
  // Read before the first look: it knows what an earlier run has put there.
  const opening = openMemory(context.store).then((memory) => {
    if (isClosed) return;
    ({ look, close } = startBridge(context, settings, memory, () => open));
  });
  opening.catch((error: unknown) => note(context, "bridge.start", { error: words(error) }));
  return {
    alerts(_changed, now) {
      open = now;
      cancelGather ??= context.clock.after(gatherMs, () => {
        cancelGather = undefined;
        look();
      });
    },
    async close() {
      isClosed = true;
      cancelGather?.();
      await opening.catch(() => {});
      await close();
    },
  };
}

function startBridge(context: BridgeContext, settings: Settings, memory: Memory, open: () => readonly AlertRecord[]) {
  const { clock, random, site, version, house } = context;
  const { discoveryPrefix: prefix, everyS } = settings;
  const watched = createWatchedNow(clock.monotonicUs);
  const says = noteOnce(context);
  const send = (topic: string, payload: string, retain: boolean) => link.publish(topic, payload, { retain });
  const retained = createRetainedTopics(
    {
      send: (topic, payload) => send(topic, payload, true),
      monotonicUs: clock.monotonicUs,
      remember: (topics) => memory.change({ topics: [...topics] }),
    },
    memory.now.topics,
  );
  const events = createAlertEvents({ site, memory, send: (topic, payload) => send(topic, payload, false) });

  const things = (): Thing[] => {
    const { people } = settings;
    const known = house.people();
    for (const person of known) watched.note(person.id, person.watchedS);
    for (const { id } of people)
      if (!known.some((person) => person.id === id)) says("bridge.unknown_person", `people names "${id}", who does not live here`);
    const { title, lock, nowUs } = context;
    const all = thingsOf({
      ...{ site, house, people, allowed: settings, title, lock, open: open(), nowUs: nowUs(), isWatched: watched.is },
      had: (object, key) => key in (memory.now.components[object] ?? {}),
      gaveBefore: (object, code) => memory.now.gives[object]?.[code],
    });
    if (all.length > maxThings) says("bridge.too_many", `of ${all.length} people and wearables the first ${maxThings - 1} are shown`);
    return all.slice(0, maxThings);
  };

  const look = () => {
    if (!link.isUp()) return;
    if (retained.waitingS() > stuckS) return link.restart("no acknowledgement");
    const shown = things();
    const had = memory.now.components;
    // What a thing ever had is named until the thing goes: Home Assistant may have been away when it was taken out.
    const components = Object.fromEntries(shown.map((thing) => [thing.object, { ...had[thing.object], ...componentsOf(thing) }]));
    const gives = Object.fromEntries(shown.flatMap(({ object, gives: own }) => (Object.keys(own).length === 0 ? [] : [[object, own]])));
    void memory.change({ components, gives }).catch(() => {});
    retained.want(topicsOf(shown, { site, prefix, version, everyS }, (object) => components[object] ?? {}));
    events.tell(shown);
  };

  let cancelAnswer: (() => void) | undefined;
  let answeredUs = Number.NEGATIVE_INFINITY;
  const answerBirth = () => {
    // Whoever says it all the time is answered now and then.
    const restMs = birthSpreadMs - (clock.monotonicUs() - answeredUs) / 1000;
    cancelAnswer ??= clock.after(Math.max(restMs, random() * birthSpreadMs), () => {
      cancelAnswer = undefined;
      answeredUs = clock.monotonicUs();
      retained.renew();
      look();
    });
  };

  const command = createCommands({
    ...{ context, settings, things, isTold: events.isTold },
    refuse: (topic, why) => note(context, "bridge.command_refused", { topic, error: why }),
  });

  /** A fault of this bridge stays its own: whoever calls is the library, and passes it on to nobody. */
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (error) {
      note(context, "bridge.fault", { error: words(error) });
    }
  };

  const link: Link = openConnection(
    {
      ...{ url: settings.url, username: settings.username, password: settings.password, clientId: `hearth-${site}` },
      ...(settings.ca === undefined ? {} : { ca: readFileSync(settings.ca, "utf8") }),
      subscribe: [settings.birthTopic, commandTopic(site, "+", "+")],
      will: { topic: statusTopic(site), payload: offline, retain: true },
      ...{ clock, random, log: context.log, called: "home-assistant", maxPacketBytes, longestPauseMs },
      onError: (error) => note(context, "bridge.connection", { address: settings.url, error: error.message }),
      onDuplicateIdentity: () =>
        says("bridge.identity", `another program is at this broker as hearth-${site}: a second home of the same gateway.id?`),
    },
    {
      onUp: () =>
        attempt(() => {
          retained.renew();
          look();
        }),
      onDown: () => {},
      onMessage: (topic, bytes, isRetained = false) =>
        attempt(() => {
          const payload = Buffer.from(bytes).toString().slice(0, 100);
          if (topic !== settings.birthTopic) command(topic, payload, isRetained);
          // One that the broker has kept was answered by what this connection began with.
          else if (payload === online && !isRetained) answerBirth();
        }),
    },
  );
  const stopLooking = clock.every(lookMs, look);
  return {
    look,
    async close() {
      stopLooking();
      cancelAnswer?.();
      if (link.isUp()) await send(statusTopic(site), offline, true).catch(() => {});
      await link.close();
    },
  };
}

const note = ({ refusals }: BridgeContext, reason: string, more: { topic?: string; address?: string; error: string }) =>
  refusals.note({ where: "bridge", account: homeAssistant.name, reason, ...more });

const words = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Notes the same words once. */
function noteOnce(context: BridgeContext) {
  const said = new Set<string>();
  return (reason: string, error: string) => {
    if (said.has(error)) return;
    said.add(error);
    note(context, reason, { error });
  };
}
