/** A twin's HTTP answers without a twin: what it would know of the fake view's people, for tests of the page's twin side. */

import { createServer } from "node:http";
import type { FakeView } from "./fake-view.ts";

export interface FakeTwin {
  readonly url: string;
  readonly token: string;
  close(): Promise<void>;
}

/**
 * Serves the twin's reading routes on a free loopback port from the view's own data.
 * @param reconstructions what it has of anybody's signals in any span
 */
export async function startFakeTwin(view: FakeView, reconstructions?: readonly object[]): Promise<FakeTwin> {
  const token = "twin-token-for-tests";
  const server = createServer((request, response) => {
    void answerTo(view, new URL(request.url ?? "/", "http://twin"), request.headers.authorization === `Bearer ${token}`).then(
      ({ status, body }) => {
        if (reconstructions !== undefined && "traces" in body) Object.assign(body, { reconstructions });
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answerTo(view: FakeView, url: URL, isKnown: boolean): Promise<{ status: number; body: object }> {
  if (!isKnown) return { status: 404, body: { code: "http.not_found" } };
  if (url.pathname === "/api/v1/gateways") return { status: 200, body: { gateways: [{ id: "demo" }] } };
  const match = /^\/api\/v1\/people\/([\w-]+)\/(state|beats|alerts|strip)$/.exec(url.pathname);
  const person = view.people().find((candidate) => candidate.id === match?.[1]);
  if (match === null || person === undefined) return { status: 404, body: { code: "http.not_found" } };
  const nowUs = view.status().timeUs;
  const timeUs = (name: string, preset: number) => (url.searchParams.has(name) ? Number(url.searchParams.get(name)) * 1e6 : preset);
  const [fromUs, toUs] = [timeUs("from", nowUs - 300e6), Math.min(timeUs("to", nowUs), nowUs)];
  switch (match[2]) {
    case "state":
      return { status: 200, body: { person: person.id, heart_rate_bpm: 75, heart_rate_at: new Date(nowUs / 1000 - 3000).toISOString() } };
    case "beats":
      return { status: 200, body: { person: person.id, beats: (await view.strip(person.id, fromUs, toUs)).events } };
    case "strip": {
      const strip = await view.strip(person.id, fromUs, toUs);
      const { alerts } = await view.alerts({ person: person.id });
      const own = alerts.filter(({ kind, onsetUs }) => kind === "physiological" && onsetUs >= fromUs && onsetUs < toUs);
      return { status: 200, body: { ...strip, traces: strip.traces.map((trace) => ({ ...trace, alerts: own.map(({ id }) => id) })) } };
    }
    default: {
      const { alerts } = await view.alerts({ person: person.id });
      return {
        status: 200,
        body: {
          person: person.id,
          alerts: alerts.map((alert) => ({ ...alert, onset_s: alert.onsetUs / 1e6, acknowledged_by: alert.acknowledgedBy ?? null })),
        },
      };
    }
  }
}
