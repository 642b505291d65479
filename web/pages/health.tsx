import { answerOf, api, Problem } from '../api.ts';
import { useAnswer, usePolling, useReading, useStream } from '../hooks.ts';
import { samplesOf } from '../metrics.ts';
import { Awaited, Heading, Section } from '../parts/common.tsx';
import { DeadWork } from '../parts/dead-work.tsx';
import { Effects, Feed, Versions } from '../parts/figures.tsx';
import { can } from '../session.ts';
import { say } from '../words/health.ts';
import { say as sayAll } from '../words.ts';

const EVERY_MS = 5_000;

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly advisory?: true;
}

/** The answer is 503 when something is missing, with the same list. */
async function readChecks(signal: AbortSignal): Promise<readonly Check[]> {
  const { data, error } = await api.GET('/readyz', { signal });
  const { checks } = Object(data ?? error) as { checks?: readonly Check[] };
  if (checks === undefined) throw new Problem(0, { title: 'unreadable', detail: '/readyz' });
  return checks;
}

const readSamples = async (signal: AbortSignal) =>
  samplesOf(await answerOf(api.GET('/metrics', { parseAs: 'text', signal })));

function Check({ name, ok, advisory }: Check) {
  const tone = advisory === true ? 'warn' : 'bad';
  const word = advisory === true ? 'warns' : 'fails';
  return (
    <li>
      <span class={`badge ${ok ? 'good' : tone}`}>{say(ok ? 'works' : word)}</span> {name}
    </li>
  );
}

function Inside() {
  const dead = useAnswer('dead', (signal) => api.GET('/api/v1/effects/dead', { signal }));
  const figures = useReading('metrics', readSamples);
  useStream('', dead.refresh);
  usePolling(true, EVERY_MS, figures.refresh);
  return (
    <>
      <div class="columns even">
        <Section title={say('effects')}>
          <Awaited {...figures}>{(samples) => <Effects samples={samples} />}</Awaited>
        </Section>
        {figures.body !== null && <Feed samples={figures.body} />}
      </div>
      <Section title={sayAll('deadWork')}>
        <Awaited {...dead}>{({ items }) => <DeadWork items={items} after={dead.refresh} />}</Awaited>
      </Section>
      {figures.body !== null && <Versions samples={figures.body} />}
    </>
  );
}

export function HealthPage() {
  const checks = useReading('ready', readChecks);
  usePolling(true, EVERY_MS, checks.refresh);
  return (
    <>
      <Heading title={say('title')} />
      <Section title={say('node')}>
        <Awaited {...checks}>
          {(list) => (
            <ul class="checks">
              {list.map((check) => (
                <Check key={check.name} {...check} />
              ))}
            </ul>
          )}
        </Awaited>
      </Section>
      {can('admin') ? <Inside /> : <p class="hint">{say('noScope')}</p>}
    </>
  );
}
