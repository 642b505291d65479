import { Problem } from './problem/problem.ts';

/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** What `first-last` means; `-n` is the last n bytes, `n-` all from n on. */
function bounds(first: string, last: string, size: number): ByteRange {
  if (first === '') return { start: Math.max(0, size - Number(last)), end: size - 1 };
  return { start: Number(first), end: last === '' ? size - 1 : Math.min(Number(last), size - 1) };
}

/**
 * The one range that a Range header asks for (RFC 9110, section 14), or null to send the whole: no header, one
 * that cannot be read, or several ranges. Throws a 416 problem when it lies outside the file.
 */
export function rangeOf(header: string | undefined, size: number): ByteRange | null {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  const absent = first === '' && last === '';
  const reversed = first !== '' && last !== '' && Number(last) < Number(first);
  if (absent || reversed) return null;
  const range = bounds(first, last, size);
  if (range.start > range.end) {
    throw new Problem(416, 'range-outside-file', `The file has ${size} bytes: ask for a range inside it.`, {
      headers: { 'content-range': `bytes */${size}` },
    });
  }
  return range;
}
