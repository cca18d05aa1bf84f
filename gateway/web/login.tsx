/** The claim page: asks for the token when this tab has none. */

import { useState } from "preact/hooks";
import { texts } from "./texts.ts";

export function Login({ wasRefused, onToken }: { wasRefused: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main class="login">
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== "") onToken(token.trim());
        }}
      >
        <h1>
          <span class="flame" aria-hidden="true" /> {texts.name}
        </h1>
        <h2>{texts.login.title}</h2>
        <p>{texts.login.says}</p>
        {wasRefused && (
          <p role="alert" class="refused">
            {texts.login.wrong}
          </p>
        )}
        <label>
          {texts.login.label}
          <input
            name="token"
            type="password"
            autocomplete="off"
            required
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <button type="submit" class="button button-main">
          {texts.login.button}
        </button>
        <p class="muted">{texts.notMedical}</p>
      </form>
    </main>
  );
}
