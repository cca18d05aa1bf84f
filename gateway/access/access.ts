/** Who may come in: tokens, sessions of browsers, and the one-time codes that open them. What is taken back is refused from that moment on. */

import { GatewayError } from "../../device-drivers/contract/error.ts";
import { digestOf, type Grant, type Holder, holderOf } from "./grant.ts";
import { type GrantBookOptions, openGrantBook } from "./grant-book.ts";
import { createSignInCodes, type SignIn } from "./sign-in-codes.ts";

/** A token that is known in plain: one of tokens.json. */
interface GivenToken extends Holder {
  readonly token: string;
}

interface AccessOptions extends GrantBookOptions {
  readonly given?: readonly GivenToken[];
  /** A line for each change of who may come in; never a secret. */
  readonly audit?: (fields: Readonly<Record<string, unknown>>, says: string) => void;
  /** Takes a token out of tokens.json; answers the one that takes its place, where there must be one. */
  readonly replaceGiven?: (role: Holder["role"]) => string | undefined;
}

export interface Access {
  /** Whom a secret belongs to; undefined for one that opens nothing (any more). */
  find(secret: string): Grant | undefined;
  /** How often since the start a secret opened nothing. */
  readonly refused: Readonly<Record<"code" | "token", number>>;
  /** Tokens, then sessions. */
  list(): readonly Grant[];
  /** The tokens of tokens.json, as they are now. */
  given(): readonly GivenToken[];
  /** Called whenever `given` answers something else. */
  onGivenChanged(fn: () => void): void;
  /** The secret is shown once and kept as a hash. Throws `access.too_many`, `access.bad_holder` (operator). */
  addToken(holder: Holder, by: string): Promise<{ readonly grant: Grant; readonly token: string }>;
  /** Its sessions and codes end. A token of tokens.json moves to access.json. Throws `access.unknown`, `access.bad_holder` (operator). */
  bind(id: string, persons: readonly string[] | undefined, by: string): Promise<Grant>;
  /** Ends a session, or a token with its sessions and codes: at once, with their open live streams. Throws `access.unknown` (operator). */
  revoke(id: string, by: string): Promise<Grant>;
  /** Nobody stays bound to a person who has left; who was bound to nobody else is revoked. */
  personLeft(person: string): Promise<void>;
  /** A one-time code that opens a session for `signIn`. Throws `access.bad_holder` (operator). */
  createCode(signIn: SignIn, by: string): { readonly code: string; readonly expiresMs: number };
  /** Undefined for a code that is wrong, used or too old. */
  redeem(code: string): Promise<{ readonly grant: Grant; readonly token: string } | undefined>;
  /** Called when the grant ends or gets other persons; returns its cancel. */
  onEnd(id: string, fn: () => void): () => void;
  close(): void;
}

const maxTokens = 100;
/** One more ends the one that was not used for longest. */
const maxSessions = 200;

export function openAccess({ given = [], audit = () => {}, replaceGiven, ...options }: AccessOptions): Access {
  const book = openGrantBook(options);
  const codes = createSignInCodes(options.clock);
  const refused = { code: 0, token: 0 };
  const givenWatchers = new Set<() => void>();
  const nowMs = () => Math.round(options.clock.wallUs() / 1000);

  const putGiven = ({ token, ...holder }: GivenToken) => {
    const taken = new Set(book.all().map(({ grant }) => grant.id));
    let id: string = holder.role;
    for (let n = 2; taken.has(id); n++) id = `${holder.role}-${n}`;
    book.put({ grant: { id, kind: "token", ...holder }, digest: digestOf(token), given: token });
  };
  given.forEach(putGiven);

  /** A token of tokens.json is one no more; another may take its place. */
  const takeGiven = (grant: Grant) => {
    const fresh = replaceGiven?.(grant.role);
    if (fresh !== undefined) putGiven({ ...holderOf(grant), token: fresh });
    for (const fn of givenWatchers) fn();
  };
  const endFollowers = (token: string) => {
    for (const { grant } of book.all()) if (grant.of === token) book.end(grant.id);
    codes.drop(token);
  };
  const ofKind = (kind: Grant["kind"]) => book.all().flatMap(({ grant }) => (grant.kind === kind ? grant : []));
  const personsIn = ({ persons }: Holder) => persons?.length ?? "all";

  return {
    ...{ refused, onEnd: book.onEnd, close: book.close },
    find(secret) {
      const grant = book.find(secret);
      if (grant === undefined) refused.token++;
      return grant;
    },
    list: () => [...ofKind("token"), ...ofKind("session")],
    given: () => book.all().flatMap(({ grant, given: token }) => (token === undefined ? [] : { ...holderOf(grant), token })),
    onGivenChanged: (fn) => void givenWatchers.add(fn),
    async addToken(holder, by) {
      requireHolder(holder);
      if (ofKind("token").length >= maxTokens) throw tooMany();
      const added = await book.create({ id: book.freshId(holder.role), kind: "token", ...holderOf(holder), createdMs: nowMs() });
      audit({ token: added.grant.id, role: holder.role, persons: personsIn(holder), by }, "a token was made");
      return added;
    },
    async bind(id, persons, by) {
      const { grant, digest, given: plain } = book.one(id);
      const { persons: _, ...rest } = grant;
      const bound: Grant = { createdMs: nowMs(), ...rest, ...(persons === undefined ? {} : { persons }) };
      requireHolder(bound);
      book.put({ grant: bound, digest });
      endFollowers(id);
      audit({ token: id, persons: personsIn(bound), by }, "a token was bound to persons");
      await book.save();
      if (plain !== undefined) takeGiven(grant);
      return bound;
    },
    async revoke(id, by) {
      const { grant, given: plain } = book.one(id);
      book.end(id);
      endFollowers(id);
      audit({ [grant.kind]: id, role: grant.role, by }, `a ${grant.kind} was revoked`);
      if (plain !== undefined) takeGiven(grant);
      await book.save();
      return grant;
    },
    async personLeft(person) {
      for (const { grant, ...secret } of book.all()) {
        if (grant.persons?.includes(person) !== true) continue;
        const persons = grant.persons.filter((each) => each !== person);
        if (persons.length === 0) book.end(grant.id);
        else book.put({ ...secret, grant: { ...grant, persons } });
      }
      codes.clear();
      await book.save();
    },
    createCode(signIn, by) {
      requireHolder(signIn);
      audit({ role: signIn.role, persons: personsIn(signIn), by }, "a one-time code to sign in was made");
      return codes.create(signIn);
    },
    async redeem(code) {
      const signIn = codes.take(code);
      if (signIn === undefined) {
        refused.code++;
        return undefined;
      }
      const sessions = ofKind("session").sort((a, b) => (a.usedMs ?? 0) - (b.usedMs ?? 0));
      if (sessions.length >= maxSessions && sessions[0] !== undefined) book.end(sessions[0].id);
      const times = { createdMs: nowMs(), usedMs: nowMs() };
      const opened = await book.create({
        ...{ id: book.freshId("session"), kind: "session", ...holderOf(signIn), ...times },
        ...(signIn.of === undefined ? {} : { of: signIn.of }),
      });
      audit({ session: opened.grant.id, role: signIn.role }, "a browser has signed in with a one-time code");
      return opened;
    },
  };
}

/** Throws `access.bad_holder` (operator): an admin may make any token, so that a bound one would only look bound. */
function requireHolder({ role, persons }: Holder): void {
  if (role !== "admin" || persons === undefined) return;
  throw new GatewayError("access.bad_holder", "operator", "An admin is for the whole home and cannot be bound to persons.", {
    fields: { field: "persons" },
  });
}

function tooMany(): GatewayError {
  return new GatewayError(
    "access.too_many",
    "operator",
    `A home has ${maxTokens} tokens at most; revoke one that nobody uses (hearth token list).`,
  );
}
