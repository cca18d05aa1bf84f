/** Who may look at this page: a one-time code for another screen, and for an admin the sessions and tokens that there are. */

import { useEffect, useState } from "preact/hooks";
import { RequestFailed, request } from "./client.ts";
import { QrPicture } from "./qr-picture.tsx";
import { texts } from "./texts.ts";
import type { Grant, Person, SignInCode } from "./wire-types.ts";

/** No id: those are not empty. */
const everybody = "";

interface AccessPanelProps {
  readonly isAdmin: boolean;
  readonly people: readonly Person[];
}

export function AccessPanel({ isAdmin, people }: AccessPanelProps) {
  return (
    <section aria-labelledby="access-heading" class="access">
      <h2 id="access-heading">{texts.access.heading}</h2>
      <Invite isAdmin={isAdmin} people={people} />
      {isAdmin && <Grants people={people} />}
    </section>
  );
}

function Invite({ isAdmin, people }: AccessPanelProps) {
  const [role, setRole] = useState("caregiver");
  const [chosen, setPerson] = useState<string>();
  const [shown, setShown] = useState<SignInCode>();
  const [failure, setFailure] = useState<string>();
  const isBindable = isAdmin && role !== "admin";
  const person = chosen ?? people[0]?.id ?? everybody;

  async function show(): Promise<void> {
    const json = isAdmin ? { role, ...(isBindable ? { persons: person === everybody ? null : [person] } : {}) } : {};
    try {
      setShown(await request<SignInCode>("/sign-in-codes", { method: "POST", json }));
      setFailure(undefined);
    } catch (error) {
      setFailure(error instanceof RequestFailed ? error.message : String(error));
    }
  }

  return (
    <div class="card" data-invite>
      <h3>{texts.access.invite}</h3>
      <p class="muted">{texts.access.inviteSays}</p>
      {failure !== undefined && (
        <p role="alert" class="refused">
          {failure}
        </p>
      )}
      {shown === undefined ? (
        <>
          {isAdmin && (
            <label>
              {texts.access.as}{" "}
              <select value={role} onChange={(event) => setRole(event.currentTarget.value)} name="role">
                {["patient", "caregiver", "admin"].map((each) => (
                  <option key={each} value={each}>
                    {texts.access.roles[each]}
                  </option>
                ))}
              </select>
            </label>
          )}
          {isBindable && (
            <label>
              {texts.access.whom}{" "}
              <select value={person} onChange={(event) => setPerson(event.currentTarget.value)} name="person">
                {people.map(({ id, name }) => (
                  <option key={id} value={id}>
                    {name}
                  </option>
                ))}
                <option value={everybody}>{texts.access.everybody}</option>
              </select>
            </label>
          )}
          <button type="button" class="button" onClick={() => void show()}>
            {texts.access.show}
          </button>
        </>
      ) : (
        <ShownCode shown={shown} onDone={() => setShown(undefined)} />
      )}
    </div>
  );
}

function ShownCode({ shown, onDone }: { shown: SignInCode; onDone: () => void }) {
  const { code, urls, qr, expires_at } = shown;
  return (
    <div data-code>
      {qr === null ? <p>{texts.access.noAddress}</p> : <QrPicture rows={qr} says={texts.access.scan} />}
      {urls.map((url) => (
        <p key={url}>{url.replace(/#.*$/, "")}</p>
      ))}
      <p class="code">{code}</p>
      <p class="muted">{texts.access.until(new Date(expires_at).toLocaleTimeString())}</p>
      <button type="button" class="button" onClick={onDone}>
        {texts.access.hide}
      </button>
    </div>
  );
}

function Grants({ people }: { people: readonly Person[] }) {
  const [grants, setGrants] = useState<readonly Grant[]>([]);
  async function read(): Promise<void> {
    const [{ sessions }, { tokens }] = await Promise.all([
      request<{ sessions: Grant[] }>("/sessions"),
      request<{ tokens: Grant[] }>("/tokens"),
    ]);
    setGrants([...sessions, ...tokens]);
  }
  const readQuietly = () => void read().catch(() => undefined);
  useEffect(readQuietly, []);
  return (
    <details
      class="card"
      onToggle={(event) => {
        if (event.currentTarget.open) readQuietly();
      }}
    >
      <summary>
        {texts.access.screens} · {texts.access.tokens}
      </summary>
      {(["session", "token"] as const).map((kind) => (
        <div key={kind}>
          <h3>{kind === "session" ? texts.access.screens : texts.access.tokens}</h3>
          {grants.every((grant) => grant.kind !== kind) && <p class="muted">{texts.access.none}</p>}
          <ul>
            {grants
              .filter((grant) => grant.kind === kind)
              .map((grant) => (
                <GrantRow key={grant.id} grant={grant} people={people} onEnded={readQuietly} />
              ))}
          </ul>
        </div>
      ))}
    </details>
  );
}

function GrantRow({ grant, people, onEnded }: { grant: Grant; people: readonly Person[]; onEnded: () => void }) {
  const [isAsked, setAsked] = useState(false);
  const nameOf = (id: string) => people.find((person) => person.id === id)?.name ?? id;
  const end = () =>
    request(`/${grant.kind}s/${encodeURIComponent(grant.id)}`, { method: "DELETE" })
      .catch(() => undefined)
      .then(onEnded);
  return (
    <li data-grant={grant.id} class="grant">
      <span>
        <code>{grant.id}</code> {grant.name ?? grant.role} ·{" "}
        {grant.persons === null ? texts.access.seesAll : texts.access.sees(grant.persons.map(nameOf).join(", "))}
        {grant.used_at !== null && ` · ${texts.access.used(grant.used_at.slice(0, 10))}`}
      </span>{" "}
      <button type="button" class="link" onClick={() => (isAsked ? void end() : setAsked(true))}>
        {isAsked ? texts.access.really : texts.access.revoke}
      </button>
    </li>
  );
}
