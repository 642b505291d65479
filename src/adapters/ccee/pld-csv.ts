import { CsvError } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { brasiliaHour, PricesUnfit, type Submarket } from '../../ports/energy-prices.ts';

/**
 * CCEE's open data give the hourly PLD as one file a year in two layouts:
 * `pld_horario` (MES_REFERENCIA;SUBMERCADO;PERIODO_COMERCIALIZACAO;DIA;HORA;PLD_HORA) and `pld_horario_submercado`
 * (MES_REFERENCIA;SUBMERCADO;PERIODO_COMERCIALIZACAO;PLD), whose period is the hour of the month from 1 on. Months are
 * YYYYMM, days 1 to 31 or DD/MM/YYYY, hours 0 to 23 in Brasília's time, prices R$/MWh with a comma or a point.
 */

/** Prices by hour (epoch ms). */
export type PricesByHour = ReadonlyMap<number, number>;

const NAMES: Readonly<Record<string, Submarket>> = {
  ...{ SUDESTE: 'SE/CO', SE: 'SE/CO', 'SE/CO': 'SE/CO', 'SUDESTE/CENTRO-OESTE': 'SE/CO' },
  ...{ SUL: 'S', S: 'S', NORDESTE: 'NE', NE: 'NE', NORTE: 'N', N: 'N' },
};
const HOURS_A_DAY = 24;

type Row = Readonly<Record<string, string>>;

class RowFault extends Error {}

function cell(row: Row, name: string): string {
  const value = row[name];
  if (value === undefined || value === '') throw new RowFault(`${name} is empty`);
  return value;
}

function whole(row: Row, name: string, min: number, max: number): number {
  const written = cell(row, name);
  const value = Number(written);
  if (!/^\d+$/.test(written) || value < min || value > max)
    throw new RowFault(`${name} is ${written}, not a whole number from ${min} to ${max}`);
  return value;
}

interface Month {
  readonly year: number;
  readonly month: number;
  readonly days: number;
}

function monthOf(row: Row): Month {
  const written = cell(row, 'MES_REFERENCIA');
  const [, year = 0, month = 0] = (/^(20\d{2})(0[1-9]|1[0-2])$/.exec(written) ?? []).map(Number);
  if (year === 0) throw new RowFault(`MES_REFERENCIA is ${written}, not a month such as 202604`);
  return { year, month, days: new Date(Date.UTC(year, month, 0)).getUTCDate() };
}

function dayOf(row: Row, { year, month, days }: Month): number {
  const date = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(cell(row, 'DIA'));
  if (date === null) return whole(row, 'DIA', 1, days);
  const [, day = 0, otherMonth, otherYear] = date.map(Number);
  if (otherMonth !== month || otherYear !== year || day < 1 || day > days)
    throw new RowFault(`DIA is ${cell(row, 'DIA')}, which is not in the month of reference`);
  return day;
}

/** Day and hour where the file has them, otherwise the hour of the month. */
function hourOf(row: Row): number {
  const month = monthOf(row);
  const midnight = (day: number): number => Date.UTC(month.year, month.month - 1, day);
  if ('DIA' in row && 'HORA' in row)
    return brasiliaHour(midnight(dayOf(row, month)), whole(row, 'HORA', 0, HOURS_A_DAY - 1));
  const period = whole(row, 'PERIODO_COMERCIALIZACAO', 1, month.days * HOURS_A_DAY) - 1;
  return brasiliaHour(midnight(1 + Math.floor(period / HOURS_A_DAY)), period % HOURS_A_DAY);
}

/** `1.234,56`, `1234,56` or `1234.56`. */
function priceOf(row: Row): number {
  const written = cell(row, 'PLD_HORA' in row ? 'PLD_HORA' : 'PLD');
  const plain = written.includes(',') ? written.replaceAll('.', '').replace(',', '.') : written;
  const value = Number(plain);
  if (!/^\d+(\.\d+)?$/.test(plain) || !Number.isFinite(value))
    throw new RowFault(`the price is ${written}, not an amount in R$/MWh`);
  return value;
}

function submarket(row: Row): Submarket {
  const written = cell(row, 'SUBMERCADO');
  const known = NAMES[written.toUpperCase()];
  if (known === undefined)
    throw new RowFault(`SUBMERCADO is ${written}, not SUDESTE, SUL, NORDESTE or NORTE`);
  return known;
}

function checkHeader(header: readonly string[], name: string): void {
  const has = (column: string): boolean => header.includes(column);
  const missing = ['MES_REFERENCIA', 'SUBMERCADO'].filter((column) => !has(column));
  if (!has('PLD_HORA') && !has('PLD')) missing.push('PLD_HORA');
  if (!(has('DIA') && has('HORA')) && !has('PERIODO_COMERCIALIZACAO')) missing.push('DIA and HORA');
  if (missing.length > 0)
    throw new PricesUnfit(
      `CCEE_PLD: ${name} is not CCEE's hourly PLD: it has no ${missing.join(', ')}; take the yearly file of the data set pld_horario`,
    );
}

function rowsOf(text: string, name: string): readonly Row[] {
  const firstLine = text.slice(0, text.indexOf('\n'));
  const delimiter = firstLine.includes(';') ? ';' : ',';
  try {
    return parse<Row>(text, {
      ...{ bom: true, delimiter, trim: true, skip_empty_lines: true },
      columns: (header: readonly string[]) => {
        const names = header.map((column) => column.toUpperCase());
        checkHeader(names, name);
        return names;
      },
    });
  } catch (error) {
    if (error instanceof CsvError)
      throw new PricesUnfit(`CCEE_PLD: ${name} is no CSV file: ${error.message}`);
    throw error;
  }
}

/** Reads one file; of two prices for one hour the later stands, as CCEE corrects by adding. Throws {@link PricesUnfit}. */
export function parsePld(text: string, name: string): ReadonlyMap<Submarket, PricesByHour> {
  const prices = new Map<Submarket, Map<number, number>>();
  for (const [index, row] of rowsOf(text, name).entries()) {
    try {
      const zone = submarket(row);
      const hours = prices.get(zone) ?? new Map<number, number>();
      prices.set(zone, hours.set(hourOf(row), priceOf(row)));
    } catch (error) {
      if (error instanceof RowFault)
        throw new PricesUnfit(`CCEE_PLD: ${name}, line ${index + 2}: ${error.message}`);
      throw error;
    }
  }
  if (prices.size === 0) throw new PricesUnfit(`CCEE_PLD: ${name} holds no prices`);
  return prices;
}
