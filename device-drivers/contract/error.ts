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

/** Any thrown thing as a GatewayError; what nobody classified is a bug. */
export function toGatewayError(thrown: unknown, code = "bug.unclassified"): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new GatewayError(code, "bug", message, { cause: thrown });
}
