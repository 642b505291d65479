import { computed, signal } from '@preact/signals';

const KEY = 'lifo4-ml-token';
const FRAGMENT = '#token=';

/** Takes the token out of the address, so that it is neither bookmarked nor shared by accident. */
function received(): string | null {
  if (!location.hash.startsWith(FRAGMENT)) return null;
  const given = decodeURIComponent(location.hash.slice(FRAGMENT.length));
  history.replaceState(history.state, '', location.pathname + location.search);
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

/** How often a token was given: whoever was refused tries again when it grows. */
const given = signal(0);

export function enter(text: string): void {
  sessionStorage.setItem(KEY, text);
  refused.value = false;
  token.value = text;
  given.value += 1;
}

export function leave(): void {
  sessionStorage.removeItem(KEY);
  refused.value = false;
  token.value = null;
}

/** Shows the form for a new token, and resolves when there is one. Rejects when `signal` is aborted. */
export function renewed(signal?: AbortSignal | null): Promise<void> {
  refused.value = true;
  const before = given.value;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const stop = given.subscribe((count) => {
    if (count > before) resolve();
  });
  signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  return promise.finally(stop);
}

addEventListener('hashchange', () => {
  const text = received();
  if (text !== null) enter(text);
});

export type Scope = 'ml:read' | 'ml:train' | 'ml:deploy' | 'telemetry:write' | 'admin';

function scopesOf(jwt: string): readonly string[] | null {
  try {
    const payload = jwt.split('.')[1] ?? '';
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    const { scope } = Object(claims) as { scope?: unknown };
    return typeof scope === 'string' ? scope.split(' ') : [];
  } catch {
    return null;
  }
}

const scopes = computed(() => (token.value === null ? [] : scopesOf(token.value)));

/** Whether the token allows it, as far as it can be read here; the server decides. `admin` holds every scope. */
export const can = (scope: Scope): boolean =>
  scopes.value === null || scopes.value.includes(scope) || scopes.value.includes('admin');
