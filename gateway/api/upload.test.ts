import { Hono } from "hono";
import { expect, test } from "vitest";
import { toGatewayError } from "../../device-drivers/contract/error.ts";
import { createHttpCounters } from "./http-counters.ts";
import { problemResponse } from "./problem.ts";
import { createUploads, uploadLimits } from "./upload.ts";

function house() {
  const counters = createHttpCounters();
  const uploads = createUploads(counters.refuse);
  const app = new Hono();
  app.onError((thrown) => problemResponse(toGatewayError(thrown)));
  app.post("/", (c) => uploads.read(c, async (files) => c.json(files.map(({ name, bytes }) => [name, bytes.length]))));
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    app.request("/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
  return { post, counters };
}

/** A body that has begun and goes on when told. */
function slowBody() {
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new Uint8Array(1000));
      end = () => controller.close();
    },
  });
  return { body, end: () => end() };
}

const form = { "content-type": "multipart/form-data; boundary=mark" };
const sized = (megabytes: number) => ({ ...form, "content-length": `${megabytes << 20}` });

function record(): FormData {
  const body = new FormData();
  for (const name of ["rec.hea", "rec.dat"]) body.append("file", new File([new Uint8Array(10)], name));
  return body;
}

test("of 8 uploads of 60 MB at once one is taken; the others are told to come later, unread, and the next one finds room", async () => {
  const { post, counters } = house();
  const first = slowBody();
  const taken = post(first.body, sized(60));
  const others = await Promise.all(
    Array.from({ length: 7 }, async () => {
      const answer = await post(slowBody().body, sized(60));
      return [answer.status, answer.headers.get("retry-after"), (await answer.json()).code];
    }),
  );
  expect(others).toEqual(others.map(() => [429, "10", "http.too_many_uploads"]));
  expect(counters.refused.uploads).toBe(7);
  first.end();
  expect((await taken).status).toBe(400);
  expect(await (await post(record())).json()).toEqual([
    ["rec.hea", 10],
    ["rec.dat", 10],
  ]);
});

test("small uploads are two at a time, and one without a stated length is counted as it comes", async () => {
  const { post, counters } = house();
  const [large, small] = [slowBody(), slowBody()];
  const taken = [post(large.body, sized(60)), post(small.body, sized(1))];
  expect((await post(slowBody().body, form)).status).toBe(429);
  small.end();
  await taken[1];
  let sent = 0;
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++;
        controller.enqueue(new Uint8Array(1 << 20));
      },
    });
  expect((await post(endless(), form)).status).toBe(429);
  expect(sent).toBeLessThan(10);
  large.end();
  await taken[0];
  expect([(await post(endless(), form)).status, counters.refused]).toEqual([413, expect.objectContaining({ uploads: 2, body: 1 })]);
  expect(sent).toBeLessThan(80);
});

test("65 MB are refused by what they say, before any of it is read", async () => {
  const { post } = house();
  const answer = await post(slowBody().body, sized(65));
  expect([answer.status, (await answer.json()).code]).toEqual([413, "http.too_large"]);
});

test("a form of 100,000 parts is refused before it is parsed", async () => {
  const { post } = house();
  const part = '--mark\r\nContent-Disposition: form-data; name="file"; filename="a.hea"\r\n\r\nx\r\n';
  const answer = await post(`${part.repeat(100_000)}--mark--\r\n`, form);
  expect([answer.status, (await answer.json()).detail]).toEqual([400, `The form may have ${uploadLimits.maxFiles} files.`]);
});
