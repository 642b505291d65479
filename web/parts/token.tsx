import { useEffect, useRef } from 'preact/hooks';
import { enter, leave } from '../session.ts';
import { say } from '../words.ts';
import { Heading } from './common.tsx';

function TokenForm({ action }: { action: string }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get('token');
    if (typeof given === 'string' && given.trim() !== '') enter(given.trim());
  };
  return (
    <form onSubmit={submit}>
      <label>
        {say('tokenTitle')}
        <input name="token" type="password" autocomplete="off" required />
      </label>
      <div class="buttons">
        <button type="submit" class="primary">
          {action}
        </button>
      </div>
    </form>
  );
}

/** The page of whoever has no token yet. */
export function TokenPage() {
  return (
    <section class="card narrow">
      <Heading title={say('tokenTitle')} />
      <p>{say('tokenHelp')}</p>
      <TokenForm action={say('open')} />
    </section>
  );
}

/** Over a page whose token has expired: it stays as it is, and goes on with the new one. */
export function TokenDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-labelledby="expired" onClose={leave}>
      <h2 id="expired">{say('expiredTitle')}</h2>
      <p role="alert">{say('tokenRefused')}</p>
      <TokenForm action={say('goOn')} />
    </dialog>
  );
}
