/** What only an expert asks for stands behind a tap. */

import type { ComponentChildren } from "preact";
import { texts } from "./texts.ts";

export function Expert({ children }: { children: ComponentChildren }) {
  return (
    <details class="expert">
      <summary>{texts.expert}</summary>
      {children}
    </details>
  );
}
