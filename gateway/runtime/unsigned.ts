/** Takes names out of a record of somebody else. */

const someoneWhoLeft = "someone who has left";

/** What these say is what it is about, not who acted. */
const subjects: readonly string[] = ["id", "person", "device", "stream", "rule", "code"];

/** The JSON text with "someone who has left" wherever one of the names stands as a value. Names within a sentence stay. */
export function unsigned(json: string, names: readonly string[]): string {
  return JSON.stringify(
    JSON.parse(json, (key, value) => (names.includes(value as string) && !subjects.includes(key) ? someoneWhoLeft : value)),
  );
}
