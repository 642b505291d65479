import { signal } from '@preact/signals';
import { Problem } from '../api.ts';
import { say } from '../words.ts';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

const toasts = signal<readonly Toast[]>([]);
const announced = signal('');
const SHOWN_MS = 6_000;
const MOST = 4;

const drop = (id: number): void => {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
};

/** Says what came of something. What failed stays until it is closed. */
export function tell(text: string, tone: Toast['tone'] = 'good'): void {
  const id = (toasts.value.at(-1)?.id ?? 0) + 1;
  toasts.value = [...toasts.value, { id, text, tone }].slice(-MOST);
  if (tone === 'good') setTimeout(() => drop(id), SHOWN_MS);
}

/** The server's own words, or that it cannot be reached. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Problem)) return String(error);
  return error.status === 0 ? say('unreachable') : `${error.title}. ${error.message}`;
}

/** For a screen reader alone: what has changed on the page without the reader's doing. */
export function announce(text: string): void {
  announced.value = text;
}

/** Once in the page. */
export function Toasts() {
  return (
    <>
      <p class="unseen" role="status">
        {announced.value}
      </p>
      <div class="toasts" role="log" aria-live="polite">
        {toasts.value.map(({ id, text, tone }) => (
          <p key={id} class={`toast ${tone}`}>
            <span>{text}</span>
            <button type="button" class="bare" aria-label={say('close')} onClick={() => drop(id)}>
              ×
            </button>
          </p>
        ))}
      </div>
    </>
  );
}
