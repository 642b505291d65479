import type { Model } from '../../src/client/client.ts';
import { formatInstant, formatPercent } from '../format.ts';
import { Section } from '../parts/common.tsx';
import { Restore } from '../parts/restore.tsx';
import { Link } from '../router.tsx';
import { say } from '../words/site.ts';

type Run = Model['runs'][number];

interface Segment extends Run {
  readonly version: string;
}

/** The times that versions ran, one after another, as long as they ran. */
function Runs({ models }: { models: readonly Model[] }) {
  const segments: readonly Segment[] = models
    .flatMap(({ version, runs }) => runs.map((run) => ({ ...run, version })))
    .toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from));
  if (segments.length === 0) return null;
  const now = Date.now();
  const lengthOf = ({ from, to }: Run) =>
    Math.max(1, (to === null ? now : Date.parse(to)) - Date.parse(from));
  return (
    <div class="runs" aria-hidden="true">
      {segments.map((run) => (
        <span
          key={`${run.version}/${run.from}`}
          class={run.to === null ? 'run current' : `run ${run.ended ?? ''}`}
          style={{ flexGrow: lengthOf(run) }}
          title={`${run.version} · ${runText(run)}`}
        >
          {run.version}
        </span>
      ))}
    </div>
  );
}

const runText = ({ from, to, ended }: Run): string =>
  to === null
    ? say('runsSince', { from: formatInstant(from) })
    : `${say('ran', { from: formatInstant(from), to: formatInstant(to) })}${ended === null ? '' : ` · ${say(ended)}`}`;

function Entry({ model, after }: { model: Model; after: () => void }) {
  const { systemId, version, status, createdAt, verdict, keptReason, metrics, runs, jobId } = model;
  return (
    <li class={status === 'active' ? 'current' : ''}>
      <div>
        <strong>{version}</strong> {status === 'active' && <span class="badge good">{say('active')}</span>}{' '}
        {verdict !== null && <Link to={`/jobs/${encodeURIComponent(jobId)}`}>{say(verdict)}</Link>}{' '}
        {keptReason} <span class="hint">MAPE {formatPercent(metrics.mape)}</span>
        <ul>
          <li>
            {say('trained')} {formatInstant(createdAt)}
          </li>
          {runs.map((run) => (
            <li key={run.from}>
              {runText(run)} {run.reason}
            </li>
          ))}
          {runs.length === 0 && <li>{say('neverRan')}</li>}
        </ul>
      </div>
      {status !== 'active' && <Restore systemId={systemId} version={version} after={after} />}
    </li>
  );
}

/** Which versions there were, why each was kept or deployed, and when it ran. */
export function ModelHistory(props: { systemId: string; models: readonly Model[]; after: () => void }) {
  const { systemId, models, after } = props;
  return (
    <Section title={say('history')}>
      {models.length === 0 ? (
        <p class="empty">{say('noModels')}</p>
      ) : (
        <>
          <Runs models={models} />
          <ol class="versions">
            {models.map((model) => (
              <Entry key={model.version} model={model} after={after} />
            ))}
          </ol>
          <Link to={`/sites/${encodeURIComponent(systemId)}/models`}>{say('allModels')}</Link>
        </>
      )}
    </Section>
  );
}
