import type { Readable } from 'node:stream';
import type { Reading } from '../../ports/telemetry.ts';
import { MAX_KW, MAX_PRICE, TEMPERATURE_RANGE } from '../schemas/telemetry.ts';
import type { ReadingCheck } from './reading-check.ts';
import { readTable, type TableColumns } from './table.ts';

/** Readings as text/csv. */

const FIELDS = {
  load_kw: 'loadKw',
  battery_kw: 'batteryKw',
  pv_kw: 'pvKw',
  temperature_c: 'temperatureC',
  max15_kw: 'max15Kw',
  price_brl_mwh: 'priceBrlMwh',
} as const;
type Column = keyof typeof FIELDS;

const KW = [-MAX_KW, MAX_KW] as const;
const COLUMNS: TableColumns<Column> = {
  load_kw: KW,
  battery_kw: KW,
  pv_kw: KW,
  temperature_c: TEMPERATURE_RANGE,
  max15_kw: KW,
  price_brl_mwh: [-MAX_PRICE, MAX_PRICE],
};

/** Reads a table into the check. Rejects with a 400 or 413 problem when it is no such table. */
export const readCsv = (source: Readable, check: ReadingCheck): Promise<void> =>
  readTable(source, COLUMNS, {
    refuse: check.refuse,
    add: (row, hour, values) => {
      const reading: { -readonly [Field in keyof Reading]?: Reading[Field] } = {};
      for (const [name, value] of Object.entries(values)) reading[FIELDS[name as Column]] = value;
      check.add(row, { hour, ...reading });
    },
  });
