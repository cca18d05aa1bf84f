import { expect, test } from "vitest";
import { bench } from "./bench.ts";

test("a bench that is not there, a length that is none and waveforms where there are none are refused before anything is opened", async () => {
  await expect(bench("nothing", { json: true })).rejects.toMatchObject({ code: "use.bench" });
  await expect(bench("river", { seconds: 0, json: true })).rejects.toMatchObject({ code: "use.seconds" });
  await expect(bench("river", { homes: 9, json: true })).rejects.toMatchObject({ code: "use.homes" });
  await expect(bench("river", { load: true, json: true })).rejects.toMatchObject({ code: "use.load" });
  await expect(bench("twin", { homes: 0.5, json: true })).rejects.toMatchObject({ code: "use.homes" });
  await expect(bench("latency", { semantic: true, json: true })).rejects.toMatchObject({ code: "use.semantic" });
});
