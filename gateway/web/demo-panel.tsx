/** The meter, and the demo's buttons with what each does; without demo actions the meter stands alone. */

import { useRef, useState } from "preact/hooks";
import { RequestFailed, request } from "./client.ts";
import { Expert } from "./expert.tsx";
import { bytesText } from "./format.ts";
import type { Store } from "./store.ts";
import { texts } from "./texts.ts";
import type { DemoAction, Status } from "./wire-types.ts";

const fileAction = /file/;

export function DemoPanel({ store }: { store: Store }) {
  const [failed, setFailed] = useState<{ readonly id: string; readonly says: string }>();
  const [working, setWorking] = useState<string>();
  const { actions, status } = store.state;

  async function press(id: string, form?: FormData): Promise<void> {
    if (working === id) return;
    setFailed(undefined);
    setWorking(id);
    try {
      const answer = await request<{ actions: DemoAction[] }>(`/demo/actions/${id}`, {
        method: "POST",
        ...(form === undefined ? {} : { form }),
      });
      store.putActions(answer.actions);
      store.refresh();
    } catch (error) {
      setFailed({ id, says: texts.failed(error instanceof RequestFailed ? error.message : String(error)) });
    } finally {
      setWorking((other) => (other === id ? undefined : other));
    }
  }

  return (
    <section aria-labelledby="demo-heading" class="demo">
      <h2 id="demo-heading">{actions.length > 0 ? texts.demoPanel.heading : texts.demoPanel.meter}</h2>
      <div class="card">
        {status !== undefined && <Meter meter={status.meter} />}
        {actions.length > 0 && <p class="muted">{texts.demoPanel.says}</p>}
        {actions.length > 0 && (
          <ul class="demo-actions">
            {actions.map((action) => (
              <li key={action.id} data-action={action.id} data-active={action.active} aria-busy={working === action.id}>
                {fileAction.test(action.id) ? (
                  <FileAction action={action} onPlay={(form) => void press(action.id, form)} onBack={() => void press(action.id)} />
                ) : (
                  <button type="button" class="button" aria-pressed={action.active} onClick={() => void press(action.id)}>
                    {action.title}
                  </button>
                )}
                <small>
                  {working === action.id && <b class="in-effect">{texts.demoPanel.working} </b>}
                  {action.active && <b class="in-effect">{texts.demoPanel.active}. </b>}
                  {action.explains}
                </small>
                {action.expert !== null && (
                  <Expert>
                    <p>{action.expert}</p>
                  </Expert>
                )}
                {failed?.id === action.id && (
                  <p role="alert" class="action-failed">
                    {failed.says}
                  </p>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
    </section>
  );
}

function FileAction({ action, onPlay, onBack }: { action: DemoAction; onPlay: (form: FormData) => void; onBack: () => void }) {
  const input = useRef<HTMLInputElement>(null);
  const [count, setCount] = useState(0);
  return (
    <form
      class="file-action"
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData();
        for (const file of input.current?.files ?? []) form.append("file", file, file.name);
        onPlay(form);
        event.currentTarget.reset();
        setCount(0);
      }}
    >
      <label class="button">
        {count === 0 ? action.title : `${count} ✓`}
        <input
          ref={input}
          class="visually-hidden"
          type="file"
          accept=".hea,.dat,.mat"
          multiple
          aria-label={texts.demoPanel.choose}
          onChange={(event) => setCount(event.currentTarget.files?.length ?? 0)}
        />
      </label>
      {count > 0 && (
        <button type="submit" class="button button-main">
          {texts.demoPanel.play}
        </button>
      )}
      {action.active && count === 0 && (
        <button type="button" class="button" onClick={onBack}>
          {texts.demoPanel.back}
        </button>
      )}
    </form>
  );
}

function Meter({ meter }: { meter: Status["meter"] }) {
  const { bytes_raw: raw, bytes_sent: sent, ratio, onset_to_alert_s: delayS } = meter;
  const words = texts.demoPanel;
  return (
    <>
      <dl class="meter" aria-label={words.meter}>
        <div>
          <dt>{words.raw}</dt>
          <dd data-meter="raw">{bytesText(raw)}</dd>
        </div>
        <div>
          <dt>{words.sent}</dt>
          <dd data-meter="sent">{bytesText(sent)}</dd>
        </div>
        <div>
          <dt>{words.share}</dt>
          <dd data-meter="ratio">{ratio === null ? words.notYet : words.oneOf(ratio.toFixed(ratio < 10 ? 1 : 0))}</dd>
        </div>
        <div>
          <dt>{words.delay}</dt>
          <dd data-meter="delay">{delayS === null ? words.notYet : `${delayS.toFixed(1)} s`}</dd>
        </div>
      </dl>
      <Expert>
        <p>{words.expert}</p>
      </Expert>
    </>
  );
}
