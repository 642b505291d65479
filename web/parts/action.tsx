import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { can, type Scope } from '../session.ts';
import { tell, wordsOf } from './toasts.tsx';

interface ActionProps {
  /** What the token must allow; without it there is no button at all. */
  readonly scope: Scope;
  /** Resolves with what to say of it, null for nothing. A rejection is said in the server's words. */
  readonly act: () => Promise<string | null>;
  /** Called when the act has ended, well or not: what the page shows may be outdated. */
  readonly after?: () => void;
  readonly class?: string;
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A button that does something at the server, once at a time. */
export function Action({ scope, act, after, label, children, ...rest }: ActionProps) {
  const [busy, setBusy] = useState(false);
  const shown = useRef(true);
  useEffect(
    () => () => {
      shown.current = false;
    },
    [],
  );
  if (!can(scope)) return null;
  const run = async () => {
    setBusy(true);
    try {
      const said = await act();
      if (said !== null) tell(said);
    } catch (error) {
      tell(wordsOf(error), 'bad');
    }
    if (shown.current) setBusy(false);
    after?.();
  };
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      aria-busy={busy}
      disabled={busy}
      onClick={() => void run()}
    >
      {children}
    </button>
  );
}
