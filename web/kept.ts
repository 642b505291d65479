/** What a reader chose, kept in this browser; a browser that keeps nothing is asked again at each visit. */

const PREFIX = 'lifo4-ml-';

export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // The choice then holds for this visit.
  }
}
