/** How a child that is to be killed says what it did: a line at once and whole. */

import { writeSync } from "node:fs";

/** A parent that reads slowly fills the pipe; ending of it would be no kill. */
export function tell(line: string): void {
  for (;;) {
    try {
      return void writeSync(1, `${line}\n`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
  }
}
