import { expect, test } from "vitest";
import { refusalCodes } from "../../device-drivers/contract/refusal.ts";
import { causeWords, useWords } from "./device-words.ts";

test("every code of the drivers' list has a sentence of its own, and one that is not on it is told as it is", () => {
  const sentences = refusalCodes.map((code) => causeWords({ code }));
  for (const sentence of sentences) expect(sentence).toMatch(/^[a-z].{15,}$/);
  expect(sentences.filter((sentence) => sentence.includes("driver."))).toEqual([]);
  expect(new Set(sentences).size).toBe(refusalCodes.length);
  expect(causeWords({ code: "driver.of_later" })).toBe("driver.of_later");
});

test("a sentence names the stream, the field and what is wrong with it", () => {
  const code = "driver.bad_meta";
  expect(causeWords({ code })).toBe("the descriptor (meta) cannot be used");
  expect(causeWords({ code, stream: "ecg", field: "scale" })).toBe("ecg: the descriptor (meta) cannot be used – scale");
  const faults = ["missing", "type", "range", "twice", "unknown", "later"].map((fault) => causeWords({ code, field: "scale", fault }));
  expect(faults.map((sentence) => sentence.split("– scale ")[1])).toEqual([
    "is missing",
    "has the wrong type",
    "is out of range",
    "stands twice",
    "names nothing that is there",
    "later",
  ]);
});

test("what a channel is used for is said in words, and a use without words as it is", () => {
  const said = ["beats", "pulse", "movement", "vital"].map((use) => useWords({ use }));
  expect(new Set(said).size).toBe(4);
  for (const words of said) expect(words).toMatch(/ .* /);
  expect(useWords({ use: "smell" })).toBe("smell");
});

test("what a channel is not used for says what would be needed, and which field is meant", () => {
  expect(causeWords({ code: "use.rate", stream: "ecg", field: "rate", needs: "100 to 1000 Hz" })).toBe(
    "ecg: shown only, no rule reads it: its rate must be 100 to 1000 Hz – rate",
  );
  expect(causeWords({ code: "use.other-channel", stream: "acc" })).toBe("acc: not used: another channel of the stream gives the same");
  expect(useWords({ unused: "other-lead", needs: "II" })).toBe("shown only: of several ECG channels in a stream one is read, here II");
  expect(useWords({ unused: "unit", needs: "%", field: "unit" })).toBe("not used: its unit is not known; known are % – unit");
  expect(useWords({ unused: "axes" })).toMatch(/three axes/);
  expect(useWords({ unused: "beside-ecg" })).toMatch(/beside an ECG/);
  // Several channels of one kind are one sentence.
  expect(useWords({ unused: "kind", needs: "smell", field: "channels[3].kind" })).toBe(
    "kept only: nothing reads signals of the kind “smell”",
  );
  expect(useWords({ unused: "of-later" })).toBe("of-later");
  expect(useWords({})).toBe("not used");
});
