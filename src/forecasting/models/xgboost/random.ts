/** A stream of numbers in [0, 1), the same for the same seed on every machine. */
export type Random = () => number;

/**
 * SplitMix32 (Steele, Lea and Flood, OOPSLA 2014, in its 32-bit form). Row sampling draws millions of numbers,
 * which a generator of immutable states is too slow for.
 */
export const createRandom = (seed: number): Random => {
  let state = (seed ^ Math.floor(seed / 0x1_0000_0000)) | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 0x1_0000_0000;
  };
};

/** Draws each of `count` rows with probability `share`; both the drawn and the others are ascending. */
export const sampleRows = (count: number, share: number, random: Random) => {
  const rows = new Uint32Array(count);
  const others = new Uint32Array(count);
  let taken = 0;
  for (let row = 0; row < count; row += 1) {
    if (share >= 1 || random() < share) {
      rows[taken] = row;
      taken += 1;
    } else {
      others[row - taken] = row;
    }
  }
  return { rows: rows.subarray(0, taken), others: others.subarray(0, count - taken) };
};

/** `floor(share × count)` distinct indices, at least one, ascending. */
export const sampleColumns = (count: number, share: number, random: Random): Uint32Array => {
  const columns = Uint32Array.from({ length: count }, (_, column) => column);
  const wanted = Math.max(1, Math.floor(share * count));
  if (wanted >= count) return columns;
  for (let i = 0; i < wanted; i += 1) {
    const other = i + Math.floor(random() * (count - i));
    const swapped = columns[i] as number;
    columns[i] = columns[other] as number;
    columns[other] = swapped;
  }
  return columns.slice(0, wanted).sort();
};
