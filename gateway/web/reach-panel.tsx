/** How a sensor of one's own reaches this home: address, port, what it must be given to trust it, and a line to try it with. */

import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import { RequestFailed, request } from "./client.ts";
import { reachTexts as words } from "./reach-texts.ts";
import type { Reach } from "./wire-types.ts";

/** Asked for when it is opened: an address may have changed since. */
export function ReachPanel() {
  const [reach, setReach] = useState<Reach>();
  const [refusal, setRefusal] = useState("");
  const ask = () =>
    request<Reach>("/reach").then(setReach, (error) => setRefusal(error instanceof RequestFailed ? error.message : words.unknown));
  return (
    <details class="card reach" data-reach onToggle={(event) => event.currentTarget.open && void ask()}>
      <summary>{words.heading}</summary>
      {refusal !== "" && <p role="alert">{refusal}</p>}
      {reach !== undefined && <Ways reach={reach} />}
    </details>
  );
}

function Ways({ reach: { tls, plain, faults, example } }: { reach: Reach }) {
  return (
    <>
      {faults.map((fault) => (
        <p key={fault} class="state-care" data-fault>
          {fault}
        </p>
      ))}
      {tls === null ? <p>{words.noTls}</p> : <Encrypted tls={tls} />}
      <h4>{words.plain}</h4>
      <p class="reach-ways">{plain.map(({ host, port }) => `${host}:${port}`).join(", ")}</p>
      <p class="muted">{words.plainSays}</p>
      <h4>{words.tryIt}</h4>
      <p class="muted">{tls?.authority == null ? words.trySays : `${words.trySays} ${words.trySaysFile}`}</p>
      <Copied text={example} name={words.tryIt} />
    </>
  );
}

function Encrypted({ tls: { port, hosts, authority, sha256, expires_at } }: { tls: NonNullable<Reach["tls"]> }) {
  return (
    <>
      <dl class="facts">
        <Fact name={words.address}>{hosts.join(words.or)}</Fact>
        <Fact name={words.port}>{String(port)}</Fact>
        <Fact name={authority === null ? words.fingerprint : words.authorityFingerprint}>
          <code data-fingerprint>{authority?.sha256 ?? sha256}</code>
        </Fact>
        <Fact name={words.until}>{new Date(expires_at).toLocaleDateString()}</Fact>
      </dl>
      {authority !== null && (
        <>
          <p>
            {words.authoritySays}{" "}
            <a download="hearth-ca.pem" href={`data:application/x-pem-file,${encodeURIComponent(authority.pem)}`}>
              {words.download}
            </a>
          </p>
          <details>
            <summary>{words.asText}</summary>
            <Copied text={authority.pem} name={words.asText} />
          </details>
        </>
      )}
    </>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="fact-wide">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A page of the home network in plain HTTP may not write to the clipboard: there the text is selected instead. */
function Copied({ text, name }: { text: string; name: string }) {
  const place = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid(words.copied);
    } catch {
      if (place.current !== null) getSelection()?.selectAllChildren(place.current);
      setSaid(words.selected);
    }
  };
  return (
    <>
      <pre ref={place} class="reach-text" data-copy>
        {text}
      </pre>
      <button type="button" class="button" aria-label={`${words.copy}: ${name}`} onClick={() => void copy()}>
        {words.copy}
      </button>{" "}
      <span role="status" class="muted">
        {said}
      </span>
    </>
  );
}
