import { expect, test } from "vitest";
import { kindOf } from "./kind-of.ts";

const links = [{ kind: "mqtt" }, { kind: "tcp", port: 1 }];

test("the entry of a kind is found, and one that nobody knows is the operator's error with what there is", () => {
  expect(kindOf("link", "tcp", links)).toBe(links[1]);
  expect(() => kindOf("link", "radio", links)).toThrow(
    expect.objectContaining({ code: "config.unknown_link", kind: "operator", message: 'There is no link "radio"; there are mqtt, tcp.' }),
  );
  expect(() => kindOf("channel", "radio", [])).toThrow(expect.objectContaining({ code: "config.unknown_channel" }));
});
