import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';

/**
 * A row of a file of peers, as `bench/peers` writes it: one series, fold and model, percent, MASE a ratio. The
 * counts of peak hours are missing in files that hold errors only.
 */
const PeerRow = Type.Object({
  series: Type.String({ minLength: 1 }),
  fold: Type.Integer({ minimum: 0 }),
  model: Type.String({ minLength: 1 }),
  wape: Type.Number(),
  mape: Type.Optional(Type.Number()),
  mase: Type.Optional(Type.Number()),
  cpu_s: Type.Optional(Type.Number()),
  job_cpu_s: Type.Optional(Type.Number()),
  peak_days: Type.Optional(Type.Number()),
  peak_top1: Type.Optional(Type.Number()),
  peak_top2: Type.Optional(Type.Number()),
  peak_captured: Type.Optional(Type.Number()),
});
export type PeerRow = Static<typeof PeerRow>;

/** The file has no rows of peers; says where. */
class UnusablePeers extends Error {
  override readonly name = 'UnusablePeers';
}

/** Reads the text of a file of peers; columns beyond the known ones are ignored. @throws {UnusablePeers} */
export function parsePeers(text: string): PeerRow[] {
  const records: Record<string, string>[] = parse(text, { columns: true, bom: true, skipEmptyLines: true });
  return records.map((record, i) => {
    const filled = Object.fromEntries(Object.entries(record).filter(([, cell]) => cell !== ''));
    const row = Value.Convert(PeerRow, filled);
    if (Value.Check(PeerRow, row)) return row;
    const [first] = Value.Errors(PeerRow, row);
    throw new UnusablePeers(
      `row ${i + 2} of the peers: ${first?.instancePath ?? ''} ${first?.message ?? 'is no row'}; the columns must be series, fold, model, wape and may be more`,
    );
  });
}

export const readPeers = (file: string): PeerRow[] => parsePeers(readFileSync(file, 'utf8'));
