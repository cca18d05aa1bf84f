/** Samples and descriptors of devices over HTTP, for what has no MQTT: a device's own account (Basic), or a token of an integrator or admin. */

import type { HttpBindings } from "@hono/node-server";
import type { Context, Hono } from "hono";
import { readAtMost } from "../../device-drivers/framing/read-at-most.ts";
import type { StreamMessage, StreamSender } from "../view/streams-in-port.ts";
import { viewOfPersons } from "../view/view-of-persons.ts";
import type { GatewayView } from "../view/view-port.ts";
import type { Authority } from "./auth.ts";
import type { HttpBounds } from "./bounds.ts";
import { httpError } from "./problem.ts";
import { bodyOf } from "./request.ts";
import type { Env } from "./routes-read.ts";

/** As over MQTT. */
const maxBytes = 65_536;

interface StreamsInRoutes {
  readonly view: GatewayView;
  readonly authority: Authority;
  readonly bounds: Pick<HttpBounds, "requests">;
  /** Told which connection has shown an account. */
  readonly admit: (c: Context, account: string) => void;
}

/** Stands before the check of who asks: a device has an account and no token. Paths from the root on. */
export function addStreamsInRoutes(app: Hono<Env>, { view, authority, bounds, admit }: StreamsInRoutes): void {
  const senders = new WeakMap<Context, StreamSender>();
  const identify = async (c: Context<Env>): Promise<StreamSender> => {
    const authorization = c.req.header("authorization");
    const account = accountOf(authorization);
    if (account !== undefined) {
      const address = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress ?? "";
      const sender = await view.streamsIn.identify(account.user, account.password, address);
      return { ...sender, account: `device ${sender.account}` };
    }
    const guest = authority.identify({ authorization, queryToken: undefined });
    authority.permit(guest, "send");
    const own = guest.persons === undefined ? view : viewOfPersons(view, guest.persons);
    const knows = (device: string) => own.devices().some(({ id }) => id === device);
    const device = c.req.param("device") ?? "";
    if (!knows(device)) throw httpError("http.not_found", "No device with this id is known here.", "device");
    return { account: guest.id, maySend: knows };
  };
  const requests = bounds.requests((c) => senders.get(c)?.account ?? "");

  for (const [path, method, leaf] of [
    ["/api/v1/streams/:device/:stream", "POST", "raw"],
    ["/api/v1/streams/:device/:stream/meta", "PUT", "meta"],
  ] as const)
    app.on(
      method,
      path,
      async (c, next) => {
        const sender = await identify(c);
        senders.set(c, sender);
        admit(c, sender.account);
        return requests(c, next);
      },
      async (c) => {
        const message = { device: c.req.param("device") ?? "", stream: c.req.param("stream") ?? "", leaf, bytes: await readBody(c) };
        const { already, wantsDescriptor } = await view.streamsIn.send(senders.get(c) as StreamSender, message satisfies StreamMessage);
        return c.json({ device: message.device, stream: message.stream, already, wants_descriptor: wantsDescriptor ?? null });
      },
    );
}

async function readBody(c: Context): Promise<Uint8Array> {
  const declared = Number(c.req.header("content-length") ?? 0);
  const bytes = declared > maxBytes ? undefined : await readAtMost(bodyOf(c), maxBytes);
  if (bytes === undefined)
    throw httpError("http.too_large", `The body may have ${maxBytes} bytes; send shorter batches: one second of samples is usual.`);
  if (bytes.length === 0) throw httpError("http.bad_field", "The body is empty.", "body");
  return Uint8Array.from(bytes);
}

/** RFC 7617. */
function accountOf(header: string | undefined): { readonly user: string; readonly password: string } | undefined {
  const [, coded] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? "") ?? [];
  if (coded === undefined) return undefined;
  const text = Buffer.from(coded, "base64").toString();
  const at = text.indexOf(":");
  return at < 0 ? { user: text, password: "" } : { user: text.slice(0, at), password: text.slice(at + 1) };
}
