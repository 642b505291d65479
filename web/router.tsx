import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

const ROOT = '/ui';

/** The address below `/ui`, without a slash at its end. */
const here = (): string => location.pathname.slice(ROOT.length).replace(/\/+$/, '');

export const route = signal(here());
addEventListener('popstate', () => {
  route.value = here();
});

function visit(event: MouseEvent, to: string): void {
  // The browser keeps what it does with other buttons and keys: new tab, new window, download.
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState(null, '', ROOT + to);
  route.value = here();
  scrollTo(0, 0);
}

export function Link({ to, children }: { to: string; children: ComponentChildren }) {
  return (
    <a href={ROOT + to} onClick={(event) => visit(event, to)}>
      {children}
    </a>
  );
}

/** `path('jobs')` gives the id of `/jobs/{id}`, null elsewhere. */
export function idUnder(folder: string): string | null {
  const [, first, id, ...more] = route.value.split('/');
  return first === folder && id !== undefined && more.length === 0 ? decode(id) : null;
}

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
