import { describe, expect, test } from "vitest";
import { createBrowserMemory } from "./browser-memory.ts";
import { repeat } from "./repeat.ts";

describe("what the page keeps in the browser", () => {
  test("stands in its storage, and is forgotten there", () => {
    const kept = new Map<string, string>();
    const memory = createBrowserMemory(() => ({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
      removeItem: (key) => void kept.delete(key),
    }));
    memory.set("name", "Person D");
    expect([...kept]).toEqual([["name", "Person D"]]);
    expect(memory.get("name")).toBe("Person D");
    memory.set("name", undefined);
    expect(memory.get("name")).toBeUndefined();
  });

  test("is kept until the page is left where the browser refuses its storage", () => {
    const memory = createBrowserMemory(() => {
      throw new Error("refused");
    });
    expect(memory.get("name")).toBeUndefined();
    memory.set("name", "Person D");
    expect(memory.get("name")).toBe("Person D");
    memory.set("name", undefined);
    expect(memory.get("name")).toBeUndefined();
  });
});

describe("what is asked again and again", () => {
  test("is never under way twice, and ends", async () => {
    const pauses: (() => void)[] = [];
    const answers: (() => void)[] = [];
    const end = repeat(
      () => new Promise<void>((resolve) => void answers.push(resolve)),
      2000,
      (run) => pauses.push(run),
    );
    pauses.shift()?.();
    expect([answers.length, pauses.length]).toEqual([1, 0]);
    answers.shift()?.();
    await expect.poll(() => pauses.length).toBe(1);
    end();
    pauses.shift()?.();
    expect([answers.length, pauses.length]).toEqual([0, 0]);
  });
});
