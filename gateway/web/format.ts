/** Numbers and times in words that people read. Pure. */

/** "4 s", "3 min", "2 h 5 min", "1 d", "1 d 3 h". */
export function durationText(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Local time of day, with seconds. */
export function clockText(timeS: number): string {
  return new Date(timeS * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
}

export function isoClockText(iso: string): string {
  return clockText(Date.parse(iso) / 1000);
}

/** "3 May", with the year where it is another than this one. */
export function dayText(iso: string, now = new Date()): string {
  const day = new Date(iso);
  const year = day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "long", ...year });
}

/** "640 B", "12.4 kB", "3.1 MB". */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A temperature is told to a tenth, everything else without false precision. */
export function numberText(value: number, unit: string | null): string {
  return unit === "Cel" ? value.toFixed(1) : valueText(value);
}

/** A value without false precision: 156, 3.2, 0.45. */
export function valueText(value: number): string {
  const size = Math.abs(value);
  return size >= 20 || Number.isInteger(value) ? String(Math.round(value)) : size >= 1 ? value.toFixed(1) : value.toFixed(2);
}

/** UCUM units as people write them. */
export function unitText(unit: string | null): string {
  if (unit === null || unit === "1") return "";
  if (unit === "m/s2") return "m/s²";
  if (unit === "Cel") return "°C";
  if (unit === "{breaths}/min") return "breaths/min";
  return unit === "/min" || unit === "{beats}/min" || unit === "bpm" ? "beats/min" : unit;
}
