/** Asks for a one-time code, or a token, when this browser has no session. */

import { useState } from "preact/hooks";
import type { Refusal } from "./sign-in.ts";
import { texts } from "./texts.ts";

interface LoginProps {
  readonly words?: Omit<typeof texts.login, "wrong" | "leave">;
  readonly refused: Refusal | undefined;
  readonly onEnter: (codeOrToken: string) => void;
}

export function Login({ words = texts.login, refused, onEnter }: LoginProps) {
  const [text, setText] = useState("");
  return (
    <main class="login">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") onEnter(text.trim());
        }}
      >
        <h1>
          <span class="flame" aria-hidden="true" /> {texts.name}
        </h1>
        <h2>{words.title}</h2>
        <p>{words.says}</p>
        {refused !== undefined && (
          <p role="alert" class="refused">
            {words.refused[refused]}
          </p>
        )}
        <label>
          {words.label}
          <input
            name="token"
            autocomplete="off"
            autocapitalize="characters"
            spellcheck={false}
            required
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-main">
          {words.button}
        </button>
        <p class="muted">{texts.notMedical}</p>
      </form>
    </main>
  );
}
