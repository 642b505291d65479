import type { Finding } from '../../main/examine-on-site.ts';
import type { DeviceStatus, JournalFact } from '../../main/on-site.ts';
import type { Colors } from '../cli.ts';
import { explained, said } from './edge-said.ts';
import { fill, type Words, wordsFor } from './edge-words.ts';

/** What the device's commands print. */

const WIDTH = 18;
const line = (name: string, text: string): string => `  ${name.padEnd(WIDTH)}${text}`;

function triedText({ report: { attempted } }: DeviceStatus, words: Words): string {
  if (attempted === null) return words.none;
  const { version, status, reason, waitsFor } = attempted;
  const waits = waitsFor === undefined ? [] : [fill(words.waits, { why: explained(words, waitsFor) })];
  const why = reason === undefined ? [] : [explained(words, reason)];
  return [version, said(words, 'status', status), ...why, ...waits].join('  ');
}

function forecastText({ forecast }: DeviceStatus, words: Words): string {
  if (forecast === null) return words.none;
  const { issuedAt, version, modelType, fallback } = forecast;
  const naive = (why: string) => fill(words.naive, { why: explained(words, why) });
  const by = fallback === undefined ? `${modelType} ${version ?? ''}` : naive(fallback);
  return `${issuedAt}  ${by}`;
}

const DATA_MARKS = { within: [], near: ['dataNear'], spent: ['dataSpent'] } as const;

function dataLines({ data }: DeviceStatus, words: Words): readonly string[] {
  const { month, bytes, limitBytes, level, overriddenUntil } = data;
  const mb = (count: number): string => (count / 1024 / 1024).toFixed(2);
  const parts = Object.entries(bytes).map(
    ([purpose, count]) => `${said(words, 'name', purpose)} ${mb(count)}`,
  );
  const all = Object.values(bytes).reduce((sum, count) => sum + count, 0);
  const about = { mb: mb(all), most: Math.round(limitBytes / 1024 / 1024), parts: parts.join(', ') };
  const marks = DATA_MARKS[level].map((mark) => words[mark]);
  const allowed = overriddenUntil === null ? [] : [fill(words.dataAllowed, { until: overriddenUntil })];
  const texts = [fill(words.dataOf, about), ...marks, ...allowed];
  return texts.map((text, i) => line(i === 0 ? fill(words.data, { month }) : '', text));
}

function clockText({ time: { now, isLost } }: DeviceStatus, words: Words): string {
  return isLost ? fill(words.clockLost, { now }) : now;
}

function linkLines({ connected }: DeviceStatus, words: Words): readonly string[] {
  return connected === null ? [] : [line(words.link, connected ? words.connected : words.unconnected)];
}

function refusedLines({ logged: { refusals } }: DeviceStatus, words: Words): readonly string[] {
  return refusals
    .slice(0, 5)
    .map(({ at, from, reason, times }) =>
      line(
        words.refused,
        `${at}  ${said(words, 'name', from)}  ${explained(words, reason)}  (${fill(words.times, { times })})`,
      ),
    );
}

export function statusLines(status: DeviceStatus, isRunning: boolean, words: Words): readonly string[] {
  const { report, previous, journal, outbox } = status;
  const facts = journal.facts - journal.copied;
  const dropped = report.dropped ?? { forecasts: 0, readings: 0 };
  return [
    line(words.device, `${report.deviceId}  ${isRunning ? words.running : words.stopped}`),
    line(words.state, said(words, 'state', report.state)),
    line(words.model, report.running?.version ?? words.none),
    line(words.previous, previous?.version ?? words.none),
    line(words.tried, triedText(status, words)),
    line(words.forecast, forecastText(status, words)),
    ...linkLines(status, words),
    line(words.outbox, fill(words.outboxOf, { ...outbox, facts })),
    line(words.history, fill(words.hours, { hours: report.historyHours })),
    ...dataLines(status, words),
    line(words.dropped, fill(words.droppedOf, dropped)),
    line(words.clock, clockText(status, words)),
    ...refusedLines(status, words),
  ];
}

function valueText(name: string, value: unknown, words: Words): string {
  if (name === 'reason') return explained(words, String(value));
  if (typeof value === 'number') return String(Number(value.toFixed(3)));
  return value === null ? said(words, 'name', 'null') : String(value);
}

/** What a fact is about, in a word or two: the version, the bytes, the reason. */
function aboutOf({ fact: { data } }: JournalFact, words: Words): string {
  const { target, ...rest } = data as Record<string, unknown>;
  const version = (target as { readonly version?: string } | undefined)?.version;
  const named = Object.entries(rest).map(
    ([name, value]) => `${said(words, 'name', name)} ${valueText(name, value, words)}`,
  );
  return [...(version === undefined ? [] : [version]), ...named].join('  ');
}

export function historyLines(facts: readonly JournalFact[], words: Words): readonly string[] {
  if (facts.length === 0) return [words.nothing];
  const [at = '', what = '', about = ''] = words.columns.split('|');
  const rows = facts.map(
    (fact) => [fact.at, said(words, 'fact', fact.fact.type), aboutOf(fact, words)] as const,
  );
  return [[at, what, about] as const, ...rows].map(([first, second, third]) =>
    `  ${first.padEnd(26)}${second.padEnd(20)}${third}`.trimEnd(),
  );
}

const MARKS = { ok: 'ok  ', warn: 'warn', fail: 'fail' } as const;

export function findingLines(findings: readonly Finding[], words: Words, colors: Colors): readonly string[] {
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red } as const;
  const lines = findings.map(({ check, level, code, values }) => {
    const { why, ...others } = values;
    const given = why === undefined ? others : { ...others, why: explained(words, String(why)) };
    const text = fill(wordsFor(words, `${check}.${code}`), given);
    return `  ${paint[level](MARKS[level])}  ${check.padEnd(12)}${text}`;
  });
  const count = (level: Finding['level']) => findings.filter((one) => one.level === level).length;
  const [fail, warn] = [count('fail'), count('warn')];
  const sum = fail + warn === 0 ? words.healthy : fill(words.unwell, { fail, warn });
  return [...lines, '', `  ${sum}`];
}
