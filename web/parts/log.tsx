import type { Job, StreamStep } from '../../src/client/client.ts';
import { formatInstant } from '../format.ts';
import { Section } from './common.tsx';
import { sayMachine } from './machine-words.ts';
import { reasonText, sayTraining } from './training-words.ts';

type Work = NonNullable<Job['work']>[number];

/** What the fact says of itself in a line: why it happened, where it says so. */
function remarkOf({ data }: StreamStep): string {
  const { reason, findings, dataSet } = Object(data) as Readonly<Record<string, unknown>>;
  const found = findings ?? (Object(dataSet) as { findings?: unknown }).findings;
  if (typeof reason === 'string') return reasonText(reason);
  return Array.isArray(found) ? found.join(' · ') : '';
}

/** Work is in the queue until it is done; each try of it counts. */
function WorkLine({ type, work }: { type: string; work: Work | null | undefined }) {
  if (work === null) return <li>⚡ {type}</li>;
  if (work === undefined) {
    return (
      <li class="finished">
        <span aria-hidden="true">✓</span> {type} <small>{sayTraining('finished')}</small>
      </li>
    );
  }
  const { state, attempts } = work;
  return (
    <li class={state}>
      <span aria-hidden="true">{state === 'dead' ? '✕' : '…'}</span> {type}{' '}
      <small>
        {sayTraining(state)}
        {attempts > 0 && ` · ${sayTraining('attempt', { n: attempts })}`}
      </small>
    </li>
  );
}

interface LogProps {
  readonly steps: readonly StreamStep[];
  /** What is being done or waits, beside what is done; null where nobody tells. */
  readonly work: readonly Work[] | null;
}

/** What happened in order, and the work that each fact asked for with its tries. */
export function Log({ steps, work }: LogProps) {
  return (
    <Section title={sayTraining('log')}>
      {steps.length === 0 && <p class="hint">{sayMachine('noFacts')}</p>}
      <ol class="log">
        {steps.map((step) => (
          <li key={step.version}>
            <time dateTime={step.at}>{formatInstant(step.at)}</time>
            <div>
              <strong>{step.type}</strong>{' '}
              <small>
                {sayMachine('by')} {step.actor}
              </small>
              {remarkOf(step) !== '' && <p class="remark">{remarkOf(step)}</p>}
              <ul class="plain">
                {step.effects.map(({ key, type }) => (
                  <WorkLine
                    key={key}
                    type={type}
                    work={work === null ? null : work.find((one) => one.type === type)}
                  />
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
