import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { say } from '../words.ts';

export interface Question {
  readonly title: string;
  readonly text: string;
  /** The button that does it, named by what it does. */
  readonly action: string;
  readonly danger?: boolean;
  /** Inputs with names, each in its label. */
  readonly fields?: ComponentChildren;
}

type Answer = Readonly<Record<string, string>> | null;
interface Asked {
  readonly question: Question;
  readonly answer: (answer: Answer) => void;
}

const asked = signal<Asked | null>(null);

/** Asks before something is done; resolves with what the fields hold, null when the reader does not want it. */
export function ask(question: Question): Promise<Answer> {
  asked.value?.answer(null);
  const { promise, resolve } = Promise.withResolvers<Answer>();
  asked.value = {
    question,
    answer: (answer) => {
      asked.value = null;
      resolve(answer);
    },
  };
  return promise;
}

function Dialog({ question, answer }: Asked) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const entries = [...new FormData(event.currentTarget as HTMLFormElement)];
    answer(Object.fromEntries(entries.map(([name, value]) => [name, String(value)])));
  };
  const { title, text, action, danger = false, fields } = question;
  return (
    <dialog
      ref={dialog}
      aria-labelledby="question"
      aria-describedby="question-text"
      onClose={() => answer(null)}
    >
      <form onSubmit={submit}>
        <h2 id="question">{title}</h2>
        <p id="question-text">{text}</p>
        {fields}
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            {say('cancel')}
          </button>
          <button type="submit" class={danger ? 'primary danger' : 'primary'}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Shows the question that is asked; once in the page. */
export function Questions() {
  return asked.value === null ? null : <Dialog {...asked.value} />;
}
