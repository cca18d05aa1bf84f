/** Short names of people and devices: in topics, addresses and logs, so that those the house makes itself say nothing of anybody. */

const name = /^[a-z0-9][a-z0-9-]{0,31}$/;

/** Alerts of the gateway, the record of what nobody wears, and the topics of the gateway itself go by these. */
const reserved = { person: ["gateway", "unassigned"], device: ["gateway", "up", "ack", "desired", "reported", "status"] } as const;

/** True for a name that a person or a device may have here. */
export function isNameOf(what: keyof typeof reserved, text: string): boolean {
  return name.test(text) && !(reserved[what] as readonly string[]).includes(text);
}

const letters = "abcdefghijklmnopqrstuvwxyz";

/** The first free of person-a … person-z, person-27 … */
export function nextPerson(isTaken: (id: string) => boolean): string {
  for (let at = 0; ; at++) {
    const id = `person-${letters[at] ?? at + 1}`;
    if (!isTaken(id)) return id;
  }
}

/** Of what people call a device: "Oma's Gurt" becomes oma-s-gurt, or oma-s-gurt-2 where that is taken. */
export function freeName(title: string, isTaken: (id: string) => boolean): string {
  const plain = title.normalize("NFKD").replaceAll(/\p{M}/gu, "").toLowerCase();
  const base =
    plain
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-+|-+$/g, "")
      .slice(0, 28) || "device";
  for (let at = 1; ; at++) {
    const id = at === 1 ? base : `${base}-${at}`;
    if (isNameOf("device", id) && !isTaken(id)) return id;
  }
}
