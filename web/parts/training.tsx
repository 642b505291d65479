import type { Condition, Job } from '../../src/client/client.ts';
import { formatKw, formatPercent, formatShare } from '../format.ts';
import { say } from '../words.ts';
import { Badge, Section, Table } from './common.tsx';
import { Conditions } from './explanation.tsx';
import { reasonText, sayTraining } from './training-words.ts';

type Decision = NonNullable<Job['decision']>;
type Comparison = NonNullable<Decision['comparison']>;

function clock(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** One bar a model; work that belongs to no model goes by the stage's name. `since`: when the training began. */
export function Progress({ progress, since }: { progress: Job['progress']; since: string | undefined }) {
  const begun = Date.parse(since ?? '');
  return (
    <Section title={sayTraining('progress')}>
      {Number.isFinite(begun) && (
        <p class="hint">{sayTraining('since', { time: clock(Date.now() - begun) })}</p>
      )}
      <ul class="bars">
        {progress.map(({ model, stage, share }) => (
          <li key={`${model ?? ''}/${stage}`}>
            <label>
              <span>{model === null ? stage : `${model} · ${stage}`}</span>
              <progress max={1} value={share} />
              <output>{formatShare(share)}</output>
            </label>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function gainText({ gain, gainLower90, gainUpper90 }: Comparison): string {
  const whole = formatPercent(gain);
  return gainLower90 === null || gainUpper90 === null
    ? whole
    : `${whole} (${formatPercent(gainLower90)} … ${formatPercent(gainUpper90)})`;
}

/** Challenger and champion side by side, on the same hours where there are such. */
function SideBySide({ decision, version }: { decision: Decision; version: string | null }) {
  const { metric, challenger, comparison } = decision;
  const unit = { metric: metric.toUpperCase() };
  const heads = [
    sayTraining('measure'),
    `${sayTraining('challenger')} ${version ?? ''}`,
    comparison === null
      ? sayTraining('champion')
      : `${sayTraining('champion')} ${comparison.championVersion}`,
  ];
  return (
    <Table title={sayTraining('decision')} heads={heads}>
      <tr>
        <th scope="row">{sayTraining('onAllDays', unit)}</th>
        <td>{formatPercent(challenger)}</td>
        <td>–</td>
      </tr>
      {comparison !== null && (
        <>
          <tr>
            <th scope="row">{sayTraining('onUnseen', { ...unit, n: comparison.unseenDays })}</th>
            <td>{formatPercent(comparison.challengerMape)}</td>
            <td>{formatPercent(comparison.championMape)}</td>
          </tr>
          <tr>
            <th scope="row">{sayTraining('gain')}</th>
            <td colSpan={2}>{gainText(comparison)}</td>
          </tr>
        </>
      )}
    </Table>
  );
}

interface VerdictProps {
  readonly decision: Decision;
  readonly version: string | null;
  /** Why the model was kept; null when it was deployed. */
  readonly kept: string | null;
  /** The conditions for deploying, as they were judged. */
  readonly guards: readonly Condition[];
}

/** The gate's verdict with the numbers it was reached by. */
export function Verdict({ decision, version, kept, guards }: VerdictProps) {
  return (
    <Section title={sayTraining('decision')}>
      <p>
        {kept === null ? sayTraining('deploys') : sayTraining('keeps', { reason: reasonText(kept) })}{' '}
        {decision.comparison === null && sayTraining('noChampion')}
      </p>
      <SideBySide decision={decision} version={version} />
      <Conditions guards={guards} />
    </Section>
  );
}

/** Processor time that a model's fits took, in seconds. */
function timeOf({ timings = [] }: Job, model: string): string {
  const seconds = timings
    .filter((timing) => timing.model === model)
    .reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
  return seconds === 0 ? '–' : sayTraining('seconds', { n: Math.round(seconds * 10) / 10 });
}

export function Members({ job }: { job: Job }) {
  const heads = [
    say('model'),
    sayTraining('outcome'),
    sayTraining('weight'),
    'MAPE',
    'RMSE',
    sayTraining('time'),
  ];
  return (
    <Section title={sayTraining('members')}>
      <Table title={sayTraining('members')} heads={heads}>
        {(job.members ?? []).map(({ model, outcome, reason, weight, metrics }) => (
          <tr key={model}>
            <th scope="row">{model}</th>
            <td>
              <Badge status={outcome} /> {reason}
            </td>
            <td>{formatShare(weight)}</td>
            <td>{formatPercent(metrics?.mape)}</td>
            <td>{formatKw(metrics?.rmse)}</td>
            <td>{timeOf(job, model)}</td>
          </tr>
        ))}
      </Table>
    </Section>
  );
}
