/** A null character, or half of a surrogate pair: PostgreSQL stores neither. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

function unstorableIn(value: object): string | null {
  for (const [key, inner] of Object.entries(value)) {
    const place = unstorableAt(inner);
    if (!isStorable(key)) return '';
    if (place !== null) return `/${key}${place}`;
  }
  return null;
}

/** Where a value holds a text that cannot be stored, as a JSON pointer; null if nowhere. */
export function unstorableAt(value: unknown): string | null {
  if (typeof value === 'string') return isStorable(value) ? null : '';
  return typeof value === 'object' && value !== null ? unstorableIn(value) : null;
}
