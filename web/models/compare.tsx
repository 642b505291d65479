import type { ComponentChildren } from 'preact';
import type { Model } from '../../src/client/client.ts';
import { formatCount, formatInstant, formatKw, formatNumber, formatPercent, formatShare } from '../format.ts';
import { Scroll, Section } from '../parts/common.tsx';
import { Lines } from '../parts/lines.tsx';
import { Link } from '../router.tsx';
import { say } from '../words/models.ts';

interface Compared {
  readonly models: readonly Model[];
}

interface Row {
  readonly head: string;
  readonly cell: (model: Model) => ComponentChildren;
  /** What the best of them is chosen by; smallest first. */
  readonly rank?: (model: Model) => number | null;
}

/** The one that is better than all others; none where two are as good. */
function best(models: readonly Model[], rank: Row['rank']): Model | null {
  const ranked = models
    .flatMap((model) => {
      const value = rank?.(model) ?? null;
      return value === null ? [] : [{ model, value }];
    })
    .toSorted((a, b) => a.value - b.value);
  const [first, second] = ranked;
  return first !== undefined && second !== undefined && first.value < second.value ? first.model : null;
}

function SideBySide({ title, models, rows }: Compared & { title: string; rows: readonly Row[] }) {
  return (
    <Section title={title}>
      <Scroll label={title}>
        <table class="figures">
          <thead>
            <tr>
              <td />
              {models.map(({ version }, i) => (
                <th key={version} scope="col">
                  <span class={`swatch line-${i}`} />
                  {version}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ head, cell, rank }) => (
              <tr key={head}>
                <th scope="row">{head}</th>
                {models.map((model) => (
                  <td key={model.version} class={best(models, rank) === model ? 'best' : ''}>
                    {cell(model)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

const metricRows = (): readonly Row[] => [
  { head: 'MAPE', cell: ({ metrics }) => formatPercent(metrics.mape), rank: ({ metrics }) => metrics.mape },
  {
    head: say('first24'),
    cell: ({ metrics }) => formatPercent(metrics.mape24h),
    rank: ({ metrics }) => metrics.mape24h,
  },
  {
    head: say('later24'),
    cell: ({ metrics }) => formatPercent(metrics.mape48h),
    rank: ({ metrics }) => metrics.mape48h,
  },
  { head: 'WAPE', cell: ({ metrics }) => formatPercent(metrics.wape), rank: ({ metrics }) => metrics.wape },
  { head: 'RMSE', cell: ({ metrics }) => formatKw(metrics.rmse), rank: ({ metrics }) => metrics.rmse },
  { head: 'MASE', cell: ({ metrics }) => formatNumber(metrics.mase), rank: ({ metrics }) => metrics.mase },
  { head: say('coverage'), cell: ({ metrics }) => formatPercent(metrics.coverage90) },
];

const dataRows = (): readonly Row[] => [
  {
    head: say('job'),
    cell: ({ jobId }) => <Link to={`/jobs/${encodeURIComponent(jobId)}`}>{jobId.slice(0, 8)}</Link>,
  },
  { head: say('trigger'), cell: ({ trigger }) => trigger ?? '–' },
  { head: say('created'), cell: ({ createdAt }) => formatInstant(createdAt) },
  { head: say('trainedUntil'), cell: ({ trainedUntil }) => formatInstant(trainedUntil) },
  {
    head: say('window'),
    cell: ({ dataSet }) =>
      dataSet === null ? '–' : `${formatInstant(dataSet.from)} – ${formatInstant(dataSet.to)}`,
  },
  { head: say('hours'), cell: ({ dataSet }) => formatCount(dataSet?.hours) },
  { head: say('filled'), cell: ({ dataSet }) => formatCount(dataSet?.filledHours) },
  { head: say('findings'), cell: ({ dataSet }) => dataSet?.findings.join(' ') || '–' },
  { head: say('seed'), cell: ({ seed }) => (seed === null ? '–' : String(seed)) },
];

const memberOf = (model: Model, name: string) => model.members.find((member) => member.model === name);

const weightRows = (models: readonly Model[]): readonly Row[] =>
  [...new Set(models.flatMap(({ members }) => members.map(({ model }) => model)))].map((name) => ({
    head: name,
    cell: (model) => {
      const member = memberOf(model, name);
      if (member === undefined) return '–';
      return `${formatShare(member.weight)} · ${formatPercent(member.metrics?.mape)}`;
    },
    rank: (model) => memberOf(model, name)?.metrics?.mape ?? null,
  }));

type Profile = 'byLead' | 'byLocalHour';

function ProfileLines({
  models,
  profile,
  title,
  head,
}: Compared & { profile: Profile; title: string; head: string }) {
  const points = (model: Model) => model.errorProfile?.[profile] ?? [];
  const places = [...new Set(models.flatMap((model) => points(model).map(({ at }) => at)))].toSorted(
    (a, b) => a - b,
  );
  if (places.length === 0) return null;
  const valueAt = (model: Model, place: number) => points(model).find(({ at }) => at === place)?.mape ?? null;
  const lines = models.map((model) => ({
    name: model.version,
    values: places.map((place) => valueAt(model, place)),
  }));
  const marks = places.flatMap((at, i) => (i % 6 === 0 ? [{ at: i, text: String(at) }] : []));
  return (
    <Section title={title}>
      <Lines label={title} lines={lines} marks={marks} />
      <details>
        <summary>{say('numbers')}</summary>
        <Scroll label={title}>
          <table class="figures">
            <thead>
              <tr>
                <th scope="col">{head}</th>
                {models.map(({ version }) => (
                  <th key={version} scope="col">
                    {version}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {places.map((place, i) => (
                <tr key={place}>
                  <th scope="row">{place}</th>
                  {lines.map(({ name, values }) => (
                    <td key={name}>{formatPercent(values[i])}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      </details>
    </Section>
  );
}

/** Up to three versions side by side; the best figure of each row stands out. */
export function Comparison({ models }: Compared) {
  return (
    <>
      <div class="columns even">
        <SideBySide title={say('metrics')} models={models} rows={metricRows()} />
        <SideBySide title={say('weights')} models={models} rows={weightRows(models)} />
        <ProfileLines models={models} profile="byLead" title={say('byLead')} head={say('lead')} />
        <ProfileLines models={models} profile="byLocalHour" title={say('byHour')} head={say('hour')} />
      </div>
      {models.every(({ errorProfile }) => errorProfile === null) && <p class="hint">{say('noProfile')}</p>}
      <SideBySide title={say('data')} models={models} rows={dataRows()} />
    </>
  );
}
