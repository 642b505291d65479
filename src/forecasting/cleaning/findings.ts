import type { Calendar } from '../calendar/calendar.ts';
import { HOUR_MS } from '../series.ts';

/** What cleaning found. One finding a kind, however often it happened. */
export type FindingCode =
  | 'window-shortened'
  | 'duplicates'
  | 'non-finite'
  | 'component-missing'
  | 'negative-load'
  | 'zero-runs'
  | 'flat-lines'
  | 'spikes'
  | 'drop-outs'
  | 'peaks-kept'
  | 'level-shift'
  | 'unit-jump'
  | 'clock-change'
  | 'local-time'
  | 'gaps-filled'
  | 'gaps-left'
  | 'temperature-gaps'
  | 'temperature-dropped';

export interface Finding {
  readonly code: FindingCode;
  /** For the plant's people: what, where, and what was done about it. */
  readonly message: string;
  /** Hours concerned. */
  readonly hours: number;
}

/** Why a set of readings cannot train a model. */
export type UnusableCode =
  | 'no-data'
  | 'too-short'
  | 'wrong-cadence'
  | 'constant-load'
  | 'unit-jump'
  | 'too-many-gaps'
  | 'test-days-missing';

/** The readings cannot train a model; the message says what is wrong, where, and what to do. */
export class UnusableData extends Error {
  override readonly name = 'UnusableData';
  readonly code: UnusableCode;
  /** What was found before the readings were given up. */
  readonly findings: readonly Finding[];

  constructor(code: UnusableCode, message: string, findings: readonly Finding[] = []) {
    super(message);
    this.code = code;
    this.findings = findings;
  }
}

/** Hours `from` up to, not including, `to`: positions in a series. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Writes hours for people: local time first, as the plant's clock shows it, then UTC. */
export interface HourNames {
  /** `2026-03-01 14:00 local (17:00Z)`; the UTC date too where it differs. */
  at(position: number): string;
  /** First and last hour of a span, and its length. */
  span(span: Span): string;
}

export function createHourNames(start: number, calendar: Calendar): HourNames {
  const at = (position: number): string => {
    const hour = start + position * HOUR_MS;
    const utc = new Date(hour).toISOString();
    const local = new Date(hour + calendar.offsetAt(hour)).toISOString();
    const date = local.slice(0, 10) === utc.slice(0, 10) ? '' : `${utc.slice(0, 10)}T`;
    return `${local.slice(0, 10)} ${local.slice(11, 16)} local (${date}${utc.slice(11, 16)}Z)`;
  };
  return {
    at,
    span: ({ from, to }) => (to - from === 1 ? at(from) : `${at(from)} to ${at(to - 1)}, ${to - from} h`),
  };
}

export function lengthOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}

/** Joins consecutive positions for which `holds` into spans, ascending. */
export function spansWhere(length: number, holds: (position: number) => boolean): Span[] {
  const spans: Span[] = [];
  let from = -1;
  for (let i = 0; i <= length; i++) {
    const inside = i < length && holds(i);
    if (inside && from < 0) from = i;
    if (!inside && from >= 0) {
      spans.push({ from, to: i });
      from = -1;
    }
  }
  return spans;
}

/** `3 places, 12 h in all, the longest 2026-…`, for findings that happen more than once. */
export function placesOf(spans: readonly Span[], names: HourNames): string {
  const longest = spans.reduce((best, span) => (span.to - span.from > best.to - best.from ? span : best));
  if (spans.length === 1) return names.span(longest);
  return `${spans.length} places, ${lengthOf(spans)} h in all, the longest ${names.span(longest)}`;
}
