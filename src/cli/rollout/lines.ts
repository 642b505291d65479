import type { Rollout, RolloutCounts, RolloutPlan, RolloutRow, RolloutSite } from '../../client/client.ts';
import { minute, plain } from '../output/columns.ts';
import { tableLines } from '../output/table.ts';

/** Rollouts as lines for people. */

const MOST_ROWS = 50;
const dash = (value: string | number | null): string => (value === null ? '–' : String(value));

/** Sites that nothing more happens to by themselves. */
export const settled = ({ active, failed, expired, superseded, heldBack, skipped }: RolloutCounts): number =>
  active + failed + expired + superseded + heldBack + skipped;

const WORDS: readonly (readonly [keyof RolloutCounts, string])[] = [
  ['active', 'active'],
  ['offered', 'on offer'],
  ['waiting', 'waiting'],
  ['failed', 'failed'],
  ['expired', 'without an answer'],
  ['superseded', 'replaced'],
  ['heldBack', 'worse in shadow'],
  ['skipped', 'left as they are'],
  ['reverting', 'being taken back'],
  ['reverted', 'taken back'],
  ['notReverted', 'not taken back'],
];

/** `3 active, 1 on offer`; what is at 0 is left out. */
export const countsLine = (counts: RolloutCounts): string =>
  WORDS.filter(([key]) => counts[key] > 0)
    .map(([key, word]) => `${counts[key]} ${word}`)
    .join(', ');

const more = (count: number): readonly string[] =>
  count > MOST_ROWS ? [`  … and ${count - MOST_ROWS} more: --json prints all`] : [];

const sitesOf = ({ length }: readonly unknown[]): string => `${length} ${length === 1 ? 'site' : 'sites'}`;

export function planLines({ rules, sites, left }: RolloutPlan): readonly string[] {
  const stages = rules.stages.map(({ name, upTo }) => `${name} (${upTo})`).join(' → ');
  const shadow = rules.shadowDays > 0 ? `shadow of ${rules.shadowDays} days → ` : '';
  const rows = sites
    .slice(0, MOST_ROWS)
    .map(({ systemId, running, version, modelType }) => [systemId, dash(running), version, modelType]);
  return [
    sites.length === 0 ? '  no site has a version to be offered' : `  ${sitesOf(sites)}: ${shadow}${stages}`,
    ...(rows.length === 0
      ? []
      : ['', ...tableLines(['site', 'runs', 'gets', 'model'], rows), ...more(sites.length)]),
    ...(left.length === 0 ? [] : ['', `  as they are stay ${sitesOf(left)}:`]),
    ...left.slice(0, MOST_ROWS).map(({ systemId, reason }) => `  ${systemId}: ${plain(reason)}`),
    ...more(left.length),
  ];
}

const fact = (name: string, value: string): string => `  ${name.padEnd(10)} ${plain(value)}`;

export function rolloutLines(rollout: Rollout): readonly string[] {
  const { rolloutId, status, stage, stages, sites, counts, reason, soakUntil, note } = rollout;
  return [
    fact('rollout', rolloutId),
    ...(note === '' ? [] : [fact('note', note)]),
    fact('state', reason === null ? status : `${status}: ${reason}`),
    fact('stage', `${stage}, ${stages.indexOf(stage) + 1} of ${stages.length}`),
    fact('sites', `${sites}: ${countsLine(counts)}`),
    ...(soakUntil === null ? [] : [fact('serves', `until ${minute(soakUntil)}`)]),
  ];
}

export function siteLines(sites: readonly RolloutSite[]): readonly string[] {
  const rows = sites.map(({ systemId, running, version, stage, status, shadowMape, runningMape, reason }) => [
    ...[systemId, dash(running), version, dash(stage), status, dash(shadowMape), dash(runningMape)],
    plain(reason ?? '').slice(0, 60),
  ]);
  const header = ['site', 'ran', 'gets', 'stage', 'status', 'MAPE %', 'of what ran', ''];
  return rows.length === 0 ? [] : tableLines(header, rows);
}

export function listLines(rollouts: readonly RolloutRow[]): readonly string[] {
  const rows = rollouts.map(({ rolloutId, status, stage, sites, counts, createdAt }) => [
    ...[rolloutId, status, stage, `${counts.active} of ${sites}`, minute(createdAt)],
  ]);
  return rows.length === 0
    ? ['  no rollout yet']
    : tableLines(['rollout', 'state', 'stage', 'active', 'begun'], rows);
}
