import fc from "fast-check";
import { expect, test } from "vitest";
import { filesOfForm } from "./multipart.ts";

async function formOf(files: readonly { name: string; bytes: Uint8Array }[]): Promise<[Uint8Array, string]> {
  const form = new FormData();
  form.append("note", "no file");
  for (const { name, bytes } of files) form.append("file", new File([bytes as Uint8Array<ArrayBuffer>], name));
  const response = new Response(form);
  return [new Uint8Array(await response.arrayBuffer()), response.headers.get("content-type") ?? ""];
}

test("files of any bytes come out as they went in, without a copy", async () => {
  const file = fc.record({ name: fc.stringMatching(/^[a-z0-9.]{1,12}$/), bytes: fc.uint8Array({ maxLength: 200 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 5 }), async (files) => {
      const [body, type] = await formOf(files);
      const found = filesOfForm(body, type, 16);
      expect(found).toEqual(files.map(({ name, bytes }) => ({ name, bytes: Buffer.from(bytes) })));
      for (const each of Array.isArray(found) ? found : []) expect(each.bytes.buffer).toBe(body.buffer);
    }),
  );
});

test("a form that is cut off anywhere is none", async () => {
  const [body, type] = await formOf([{ name: "a.hea", bytes: new Uint8Array(50) }]);
  const whole = Buffer.from(body).lastIndexOf("--") + 2;
  for (let length = 0; length < whole; length++) expect(filesOfForm(body.subarray(0, length), type, 16)).toBeUndefined();
});

test.each([
  ["another type", "text/plain; boundary=mark", "--mark\r\n"],
  ["no boundary", "multipart/form-data", "--mark\r\n"],
  ["a boundary that does not come", "multipart/form-data; boundary=mark", "--other\r\n\r\n\r\n--other--"],
  ["a head without end", "multipart/form-data; boundary=mark", `--mark\r\n${"x".repeat(5000)}\r\n\r\n\r\n--mark--`],
])("%s is no form", (_what, type, body) => {
  expect(filesOfForm(Buffer.from(body), type, 16)).toBeUndefined();
});

test("a line that begins like the mark inside a file belongs to the file", () => {
  const content = "a\r\n--mar\r\n-mark--";
  const body = Buffer.from(
    `preamble\r\n--mark\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\n${content}\r\n--mark--\r\nepilogue`,
  );
  expect(filesOfForm(body, 'multipart/form-data; charset=x; boundary="mark"', 1)).toEqual([{ name: "a", bytes: Buffer.from(content) }]);
});
