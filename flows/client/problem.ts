/** What went wrong between a flow and the gateway, with a stable code: the gateway's own (`http.forbidden`), or one of this package (`flows.…`). */
export class HearthProblem extends Error {
  readonly code: string;
  /** HTTP status; 0 = the gateway did not answer. */
  readonly status: number;

  constructor(code: string, detail: string, status = 0) {
    super(detail);
    this.name = "HearthProblem";
    this.code = code;
    this.status = status;
  }
}

/** Settings that somebody has to mend first. */
const unusable = ["flows.bad_address", "flows.no_token", "flows.bad_token", "flows.ca_file", "flows.certificate"];

/** True where asking again with the same settings can't help. */
export function isRefused({ status, code }: HearthProblem): boolean {
  return status === 401 || status === 403 || status === 421 || unusable.includes(code);
}

export function problemOf(error: unknown): HearthProblem {
  return error instanceof HearthProblem ? error : new HearthProblem("flows.failed", error instanceof Error ? error.message : String(error));
}
