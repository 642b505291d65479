import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { parseDate } from '../../forecasting/calendar/day.ts';
import type { SpecialDay, SpecialDayKind } from '../../forecasting/calendar/special-days.ts';
import { Refused } from '../failure.ts';

const KINDS: readonly SpecialDayKind[] = [
  'national',
  'customary',
  'half',
  'state',
  'municipal',
  'bridge',
  'shutdown',
];
const FORM = 'The columns are date,name[,kind]; a date is written 2026-01-31, kind is one of';

const isKind = (text: string): text is SpecialDayKind => (KINDS as readonly string[]).includes(text);

/** One day of the file; `at` names the row for people. */
function dayOf([date = '', name = '', kind = 'municipal']: readonly string[], at: string): SpecialDay {
  if (parseDate(date) === null) {
    throw new Refused(
      'holidays',
      `${at}: ${JSON.stringify(date.slice(0, 40))} is no date. ${FORM} ${KINDS.join(', ')}.`,
    );
  }
  if (!isKind(kind)) {
    throw new Refused(
      'holidays',
      `${at}: ${JSON.stringify(kind.slice(0, 40))} is no kind of day. ${FORM} ${KINDS.join(', ')}.`,
    );
  }
  return { date, name, kind };
}

/**
 * Reads the days that an operator names, `date,name[,kind]` with or without that header; a day without a kind
 * is a municipal holiday. @throws {Refused} with the row
 */
export async function readHolidays(path: string): Promise<SpecialDay[]> {
  const file = basename(path);
  let rows: string[][];
  try {
    const options = {
      bom: true,
      trim: true,
      relaxColumnCount: true,
      skipEmptyLines: true,
      relaxQuotes: true,
    };
    rows = parse(await readFile(path, 'utf8'), options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refused('holidays', `${file}: this is no CSV file: ${why}`);
  }
  const header = rows[0]?.[0]?.toLowerCase() === 'date' ? 1 : 0;
  return rows.slice(header).map((cells, i) => dayOf(cells, `${file}, row ${i + 1 + header}`));
}
