/** A progress bar on stderr where a person looks at a terminal; silent elsewhere. */

interface ProgressBar {
  update(share: number, what: string): void;
  end(): void;
}

const width = 24;

export function progressBar(title: string, stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  let shownPercent = -1;
  return {
    update(share, what) {
      const percent = Math.floor(Math.min(1, Math.max(0, share)) * 100);
      if (!stream.isTTY || percent === shownPercent) return;
      shownPercent = percent;
      const full = Math.round((percent / 100) * width);
      stream.write(`\r${title} [${"#".repeat(full)}${"·".repeat(width - full)}] ${percent} % ${what.slice(-40).padEnd(40)}`);
    },
    end() {
      if (stream.isTTY && shownPercent >= 0) stream.write("\r\u001b[K");
    },
  };
}
