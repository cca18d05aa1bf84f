import { expect, test } from "vitest";
import { createFakeConsent } from "../../test/fakes/fake-consent.ts";

test("less is taken at anybody's word and however often, more only of who may give it and not in circles", async () => {
  let takes = 0;
  const { desk } = createFakeConsent({
    people: () => ["person-a"],
    nowUs: () => 1,
    takeChange() {
      takes += 1;
      if (takes > 1) throw new Error("too many");
    },
  });
  const carer = { by: "Carer", mayGive: false };
  const person = { by: "Person A", mayGive: true };
  await expect(desk.change("person-a", { streams: { ecg: "raw" } }, carer)).rejects.toMatchObject({ code: "consent.not_allowed" });
  expect(await desk.change("person-a", { strips: false }, carer)).toMatchObject({ strips: false, by: "Carer" });
  expect(await desk.change("person-a", { strips: true }, person)).toMatchObject({ strips: true });
  await expect(desk.change("person-a", { streams: { ecg: "raw" } }, person)).rejects.toThrow("too many");
  expect(await desk.change("person-a", { alerts: false, streams: { "*": "none" } }, carer)).toMatchObject({ alerts: false });
  await expect(desk.change("person-b", {}, person)).rejects.toMatchObject({ code: "registry.unknown" });
});
