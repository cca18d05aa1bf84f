/** What a start prints for those who want to look: the page's address with a one-time code, and a QR code for a phone where one can reach it. */

import type { Access } from "./access.ts";
import type { Holder } from "./grant.ts";
import { qrLines } from "./qr.ts";
import { signInPath } from "./sign-in-path.ts";

interface Invitation {
  readonly port: number;
  /** Addresses of this machine under which others of the home reach the page. */
  readonly addresses: readonly string[];
  /** Who opens the page on this machine. */
  readonly here: Holder;
  /** Who opens it on a phone; undefined where that must be said first. */
  readonly phone: Holder | undefined;
}

export function invitationLines(access: Pick<Access, "createCode">, { port, addresses, here, phone }: Invitation): string[] {
  const page = (host: string, holder: Holder) =>
    `http://${host.includes(":") ? `[${host}]` : host}:${port}${signInPath(access.createCode(holder, "start").code)}`;
  const lines = [`  page   ${page("127.0.0.1", here)} (opens once, within 10 minutes; "hearth sign-in" prints another)`];
  const [first] = addresses;
  if (first === undefined) return lines;
  if (phone === undefined)
    return [...lines, `  phone  http://${first}:${port}/ with a code of "hearth sign-in --role caregiver --person ID"`];
  const onPhone = page(first, phone);
  return [...lines, `  phone  ${onPhone}`, ...qrLines(onPhone).map((line) => `  ${line}`)];
}
