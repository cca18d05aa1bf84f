/** In the demo: how much of a person's signals goes to the copy outside. It speaks for both sides: the copy's wish, and what may leave. */

import { useState } from "preact/hooks";
import { request, storedName } from "./client.ts";
import { Failure, useSending } from "./setup-form.tsx";
import type { Store } from "./store.ts";
import { twinTraceTexts as says } from "./texts-twin-trace.ts";
import type { Person } from "./wire-types.ts";

const modes = ["event", "semantic", "raw"] as const;
type Mode = (typeof modes)[number];

interface Wish {
  readonly settings: Readonly<Record<string, unknown>>;
}

export function ModeSwitch({ store, person }: { store: Store; person: Person }) {
  const sending = useSending(store);
  const [chosen, setChosen] = useState<Mode>();
  const choose = async (mode: Mode) => {
    const by = storedName();
    const may = await sending.send(`/people/${encodeURIComponent(person.id)}/consent`, "PUT", {
      streams: { "*": mode },
      ...(by === undefined ? {} : { by }),
    });
    const path = may === undefined ? undefined : await wishPath();
    if (path === undefined) return;
    const { desired } = await request<{ desired: Wish | null }>(path);
    const wished = await sending.send(path, "PUT", { settings: { ...desired?.settings, modes: { "*": mode } } });
    if (wished !== undefined) setChosen(mode);
  };
  return (
    <div class="mode-switch" data-mode-switch={chosen ?? ""}>
      <span class="muted">{says.switch}</span>{" "}
      {modes.map((mode) => (
        <button key={mode} type="button" class="button" aria-pressed={chosen === mode} onClick={() => void choose(mode)}>
          {says.modes[mode]}
        </button>
      ))}
      <Failure says={sending.failure} />
    </div>
  );
}

/** Of the home's own gateway, as its twin knows it. */
async function wishPath(): Promise<string | undefined> {
  const { gateways } = await request<{ gateways: readonly { readonly id: string }[] }>("/twin/gateways");
  const [own] = gateways;
  return own === undefined ? undefined : `/twin/gateways/${encodeURIComponent(own.id)}/desired`;
}
