import { signal } from '@preact/signals';

const KEY = 'lifo4-ml-token';
const FRAGMENT = '#token=';

/** Takes the token out of the address, so that it is neither bookmarked nor shared by accident. */
function received(): string | null {
  if (!location.hash.startsWith(FRAGMENT)) return null;
  const given = decodeURIComponent(location.hash.slice(FRAGMENT.length));
  history.replaceState(null, '', location.pathname + location.search);
  return given;
}

function first(): string | null {
  const given = received();
  if (given !== null) sessionStorage.setItem(KEY, given);
  return sessionStorage.getItem(KEY);
}

/** The bearer token of this tab, until the tab is closed. */
export const token = signal<string | null>(first());

/** The server said that the token is not, or no longer, good. */
export const refused = signal(false);

export function enter(given: string): void {
  sessionStorage.setItem(KEY, given);
  refused.value = false;
  token.value = given;
}

export function leave(): void {
  sessionStorage.removeItem(KEY);
  refused.value = false;
  token.value = null;
}

addEventListener('hashchange', () => {
  const given = received();
  if (given !== null) enter(given);
});
