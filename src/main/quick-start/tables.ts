import type { MemberOutcome, MetricsData } from '../../events/training-job.ts';
import type { StoredForecast } from '../../ports/telemetry.ts';
import { sparkline } from '../terminal/sparkline.ts';

const percent = (share: number | null | undefined): string =>
  share === null || share === undefined ? '–' : `${(share * 100).toFixed(1)} %`;

/** One line a model: what became of it, its weight and its error on the test days. */
export function memberTable(members: readonly MemberOutcome[]): readonly string[] {
  const rows = members.map(({ model, outcome, weight, metrics, reason }) =>
    outcome === 'trained'
      ? `  ${model.padEnd(12)} ${percent(weight).padStart(8)} ${percent(metrics?.mape).padStart(8)}`
      : `  ${model.padEnd(12)} ${outcome}${reason === undefined ? '' : `: ${reason}`}`,
  );
  return [`  ${'model'.padEnd(12)} ${'weight'.padStart(8)} ${'MAPE'.padStart(8)}`, ...rows];
}

/** How the model that was judged did on the test days, beside what it must beat. */
export const scoreLine = ({
  modelType,
  metrics,
  seasonalNaive,
}: {
  readonly modelType: string;
  readonly metrics: MetricsData;
  readonly seasonalNaive: MetricsData;
}): string =>
  `  ${modelType.padEnd(12)} ${''.padStart(8)} ${percent(metrics.mape).padStart(8)}   (last week’s value: ${percent(seasonalNaive.mape)})`;

const HOURS_SHOWN = 12;

function localHour(hour: string, zone: string): string {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  return format.format(new Date(hour));
}

/** The first hours of a forecast as a table, and all of it as a sparkline. */
export function forecastTable(
  { hours, issuedAt, version, modelType }: StoredForecast,
  zone: string,
): readonly string[] {
  const rows = hours.slice(0, HOURS_SHOWN).map(({ hour, loadKw, lowerKw, upperKw, peakProbability }) => {
    const band = `${lowerKw.toFixed(0)}–${upperKw.toFixed(0)}`;
    return `  ${localHour(hour, zone).padEnd(12)} ${loadKw.toFixed(0).padStart(7)} ${band.padStart(13)} ${percent(peakProbability).padStart(8)}`;
  });
  return [
    `  ${modelType} ${version ?? '(no model)'}, issued ${localHour(issuedAt, zone)} (${zone})`,
    `  ${'hour'.padEnd(12)} ${'kW'.padStart(7)} ${'90 % band'.padStart(13)} ${'peak'.padStart(8)}`,
    ...rows,
    `  ${sparkline(hours.map(({ loadKw }) => loadKw))}  next ${hours.length} h`,
  ];
}
