/** The one error of the house: a stable code and whose fault it is. It never carries a patient's value. */

/** operator = configuration or use; world = device, network or disk; bug = ours. The supervisor retries only "world". */
export type Fault = "operator" | "world" | "bug";

export class GatewayError extends Error {
  /** Stable, `area.reason`, for example `store.disk_full`; never changes meaning. */
  readonly code: string;
  readonly kind: Fault;
  /** Constant-named facts for the log line (port, bytes, line …). */
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, kind: Fault, message: string, more: { cause?: unknown; fields?: Record<string, unknown> } = {}) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = "GatewayError";
    this.code = code;
    this.kind = kind;
    this.fields = more.fields ?? {};
  }
}

/** How Node says that a package, or a package's binary, can't be loaded. */
const loadFailures: readonly unknown[] = ["ERR_DLOPEN_FAILED", "ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND"];

/** Any thrown thing as a GatewayError; what nobody classified is a bug. A package that can't be loaded is `install.incomplete` (operator). */
export function toGatewayError(thrown: unknown, code = "bug.unclassified"): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && "code" in thrown && loadFailures.includes(thrown.code)) {
    const [reason] = message.split("\n");
    const wayOut = "'npm run hearth -- doctor' says what is wrong with it, 'npm ci' installs it anew";
    return new GatewayError("install.incomplete", "operator", `A part of the install can't be loaded (${reason}); ${wayOut}.`, {
      cause: thrown,
    });
  }
  return new GatewayError(code, "bug", message, { cause: thrown });
}
