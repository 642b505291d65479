import type { Comparison, Decision, Member, ModelProgress } from '../contract.ts';
import { formatKw, formatPercent, formatShare, formatYesNo } from '../format.ts';
import { say } from '../words.ts';
import { Badge, Details, type Row, Scroll, Section } from './common.tsx';

/** One bar a model; work that belongs to no model goes by the stage's name. */
export function Progress({ progress }: { progress: readonly ModelProgress[] }) {
  return (
    <Section title={say('progress')}>
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

function comparisonRows(comparison: Comparison): readonly Row[] {
  const { championVersion, championMape, challengerMape, gain, gainLower90, gainUpper90, unseenDays } =
    comparison;
  const band =
    gainLower90 === null || gainUpper90 === null
      ? ''
      : ` (${formatPercent(gainLower90)} … ${formatPercent(gainUpper90)})`;
  return [
    [`${say('champion')} (${championVersion})`, formatPercent(championMape)],
    [say('onSameHours'), formatPercent(challengerMape)],
    [say('gain'), `${formatPercent(gain)}${band}`],
    [say('unseenDays'), unseenDays],
  ];
}

/** The gate's verdict with the numbers it was reached by. */
export function Verdict({ decision, reason }: { decision: Decision; reason: string | null }) {
  const { metric, target, challenger, seasonalNaive, minimumGain, forced, comparison } = decision;
  return (
    <Section title={say('decision')}>
      <Details
        rows={[
          ...(reason === null ? [] : [[say('reason'), reason] as const]),
          [say('metric'), metric.toUpperCase()],
          [say('challenger'), formatPercent(challenger)],
          [say('target'), formatPercent(target)],
          [say('naive'), formatPercent(seasonalNaive)],
          ...(comparison === null ? [] : comparisonRows(comparison)),
          [say('minimumGain'), formatPercent(minimumGain)],
          [say('forced'), formatYesNo(forced)],
        ]}
      />
    </Section>
  );
}

export function Members({ members }: { members: readonly Member[] }) {
  return (
    <Section title={say('members')}>
      <Scroll label={say('members')}>
        <table>
          <thead>
            <tr>
              <th scope="col">{say('model')}</th>
              <th scope="col">{say('outcome')}</th>
              <th scope="col">{say('weight')}</th>
              <th scope="col">MAPE</th>
              <th scope="col">RMSE</th>
            </tr>
          </thead>
          <tbody>
            {members.map(({ model, outcome, reason, weight, metrics }) => (
              <tr key={model}>
                <th scope="row">{model}</th>
                <td>
                  <Badge status={outcome} /> {reason}
                </td>
                <td>{formatShare(weight)}</td>
                <td>{formatPercent(metrics?.mape)}</td>
                <td>{formatKw(metrics?.rmse)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}
