import { batch, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

const ROOT = '/ui';

/** The address below `/ui`, without slashes at its ends. */
const here = (): string => location.pathname.slice(ROOT.length).replace(/^\/+|\/+$/g, '');

export const route = signal(here());
/** The page's choices, such as filters and sorting: a link keeps them. */
export const query = signal(new URLSearchParams(location.search));

function look(): void {
  batch(() => {
    route.value = here();
    query.value = new URLSearchParams(location.search);
  });
}
addEventListener('popstate', look);

/** `to` is below `/ui`, for example `/sites/bess-456?days=7`. */
export function go(to: string): void {
  history.pushState(null, '', ROOT + to);
  look();
  scrollTo(0, 0);
}

/** Changes choices of the page without leaving it: null or '' takes one out. */
export function choose(changes: Readonly<Record<string, string | null>>): void {
  const chosen = new URLSearchParams(query.value);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') chosen.delete(name);
    else chosen.set(name, value);
  }
  const text = chosen.size === 0 ? '' : `?${chosen}`;
  history.replaceState(history.state, '', location.pathname + text);
  query.value = chosen;
}

function visit(event: MouseEvent, to: string): void {
  // The browser keeps what it does with other buttons and keys: new tab, new window, download.
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(to);
}

interface LinkProps {
  /** Below `/ui`. */
  readonly to: string;
  readonly class?: string;
  readonly 'aria-current'?: 'page' | 'true' | undefined;
  readonly children: ComponentChildren;
}

export const Link = ({ to, ...rest }: LinkProps) => (
  <a {...rest} href={ROOT + to} onClick={(event) => visit(event, to)} />
);

function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** What `:name` stands for in `pattern`, for example `sites/:systemId`; null when the address is another one. */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  const given = path.split('/').map(decode);
  const fits = (part: string, i: number) =>
    part.startsWith(':') ? (given[i] ?? null) !== null : part === given[i];
  if (wanted.length !== given.length || !wanted.every(fits)) return null;
  const named = wanted.flatMap((part, i) => (part.startsWith(':') ? [[part.slice(1), given[i]]] : []));
  return Object.fromEntries(named);
}
