import { describe, expect, test } from "vitest";
import { type AudioOutput, createAlarmSound } from "./alarm-sound.ts";

function open(more: { remembered?: string; refuses?: boolean; throws?: boolean } = {}) {
  const kept = new Map(more.remembered === undefined ? [] : [["hearth.sound", more.remembered]]);
  const beeps: number[] = [];
  const browser = { refuses: more.refuses === true, state: "suspended", opened: 0 };
  const output: AudioOutput = {
    get state() {
      return browser.state;
    },
    currentTime: 10,
    async resume() {
      if (!browser.refuses) browser.state = "running";
    },
    beep: (hz) => void beeps.push(hz),
  };
  const sound = createAlarmSound({
    open() {
      browser.opened++;
      if (more.throws === true) throw new Error("no sound here");
      return output;
    },
    memory: { get: (key) => kept.get(key), set: (key, value) => void (value === undefined ? kept.delete(key) : kept.set(key, value)) },
    onChange: () => {},
  });
  return { sound, beeps, browser, kept };
}

describe("the sound of an alert", () => {
  test("nothing is heard and no output is opened before somebody has allowed it", () => {
    const { sound, beeps, browser } = open();
    sound.pressed();
    sound.play("high");
    expect([sound.state, beeps, browser.opened]).toEqual(["off", [], 0]);
  });

  test("a press allows it, plays once so that it is known, and is remembered; a second one forgets it", async () => {
    const { sound, beeps, kept } = open();
    await sound.turn(true);
    expect([sound.state, beeps.length, kept.get("hearth.sound")]).toEqual(["on", 3, "on"]);
    sound.play("high");
    expect(beeps.slice(3)).toEqual([880, 880, 880, 880, 880]);
    await sound.turn(false);
    sound.play("high");
    expect([sound.state, beeps.length, kept.size]).toEqual(["off", 8, 0]);
  });

  test("what was allowed before is mute until the next press on the page, and says so", async () => {
    const { sound, beeps } = open({ remembered: "on" });
    sound.play("high");
    expect([sound.state, beeps]).toEqual(["blocked", []]);
    sound.pressed();
    await expect.poll(() => sound.state).toBe("on");
    sound.play("medium");
    expect(beeps).toHaveLength(3);
  });

  test.each([{ refuses: true }, { throws: true }])("a browser that lets no sound out (%o) breaks nothing", async (how) => {
    const { sound, beeps } = open(how);
    await sound.turn(true);
    sound.play("high");
    expect([sound.state, beeps]).toEqual(["blocked", []]);
  });
});
