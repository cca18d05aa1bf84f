/** A QR code from its rows. White round it and behind it in dark colours too, or no camera reads it. */

export function QrPicture({ rows, says }: { rows: readonly string[]; says: string }) {
  const path = rows.map((row, y) => Array.from(row, (module, x) => (module === "1" ? `M${x} ${y}h1v1h-1z` : "")).join("")).join("");
  return (
    <figure class="qr">
      <svg viewBox={`0 0 ${rows.length} ${rows.length}`} role="img" aria-label={says} shape-rendering="crispEdges">
        <rect width="100%" height="100%" fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <figcaption>{says}</figcaption>
    </figure>
  );
}
