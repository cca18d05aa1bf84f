import { expect, test } from "vitest";
import { createLineWriter } from "./line-writer.ts";

const fails = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

test.each(["ENOSPC", "EPIPE", "EIO", "EBADF", "EAGAIN"])("a line that ends in %s is lost and counted, and nothing is thrown", (code) => {
  const writer = createLineWriter(2, fails(code));
  expect(writer.write("one\n")).toBe(false);
  expect(writer.write("two\n")).toBe(false);
  expect(writer.lostCount).toBe(2);
});

test("a slow reader that takes a line in pieces gets all of it", () => {
  const taken: string[] = [];
  let calls = 0;
  const writer = createLineWriter(1, (_fd, bytes) => {
    if (++calls % 2 === 0) fails("EAGAIN")();
    taken.push(Buffer.from(bytes.subarray(0, 3)).toString());
    return Math.min(3, bytes.length);
  });
  expect(writer.write("abcdefgh\n")).toBe(true);
  expect(taken.join("")).toBe("abcdefgh\n");
  expect(writer.lostCount).toBe(0);
});

test("after a line that was cut the next one begins on a line of its own", () => {
  let taken = "";
  let room = 4;
  const writer = createLineWriter(1, (_fd, bytes) => {
    if (room === 0) fails("ENOSPC")();
    const count = Math.min(room, bytes.length);
    room -= count;
    taken += Buffer.from(bytes.subarray(0, count)).toString();
    return count;
  });
  expect(writer.write("abcdefgh\n")).toBe(false);
  room = 100;
  expect(writer.write("next\n")).toBe(true);
  expect(taken).toBe("abcd\nnext\n");
});
