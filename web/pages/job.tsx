import { useEffect } from 'preact/hooks';
import type { Job } from '../../src/client/client.ts';
import type { Forecast, StreamedFact } from '../contract.ts';
import { type StreamHistory as History, instantOf } from '../fold.ts';
import { formatInstant } from '../format.ts';
import { usePolling, useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Details, Heading, type Row, Section } from '../parts/common.tsx';
import { ForecastChart } from '../parts/forecast.tsx';
import { StreamHistory } from '../parts/history.tsx';
import { JobActions } from '../parts/job-actions.tsx';
import { Log } from '../parts/log.tsx';
import { useStreamSteps } from '../parts/stream-steps.ts';
import { Members, Progress, Verdict } from '../parts/training.tsx';
import { reasonText, sayTraining } from '../parts/training-words.ts';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

const WORKING: ReadonlySet<string> = new Set(['pending', 'training', 'evaluated']);
const PROGRESS_MS = 1_500;

const row = (label: string, value: Row[1] | null | undefined): readonly Row[] =>
  value === null || value === undefined || value === '' ? [] : [[label, value]];

function dataText({ dataSet }: Job): string | null {
  if (dataSet === null || dataSet === undefined) return null;
  const { hours, filledHours } = dataSet;
  return filledHours === 0 ? String(hours) : sayTraining('filled', { hours, filled: filledHours });
}

function rowsOf(job: Job): readonly Row[] {
  const { systemId, status, deployment, reason, held, trigger, modelType, version, createdAt } = job;
  const { trainingWindowDays } = job;
  return [
    [say('status'), <Badge key="status" status={status} />],
    ...row(say('site'), systemId && <Link to={`/sites/${encodeURIComponent(systemId)}`}>{systemId}</Link>),
    ...row(say('model'), modelType),
    ...row(sayTraining('version'), version),
    [say('created'), formatInstant(createdAt)],
    ...row(sayTraining('trigger'), trigger),
    ...row(sayTraining('window'), trainingWindowDays && sayTraining('days', { n: trainingWindowDays })),
    ...row(sayTraining('dataSet'), dataText(job)),
    ...row(
      say('deployment'),
      deployment && (
        <Link to={`/deployments/${encodeURIComponent(deployment.deploymentId)}`}>
          {deployment.deploymentId}
        </Link>
      ),
    ),
    ...row(say('reason'), held ? sayTraining('held') : reason && reasonText(reason)),
  ];
}

/** The conditions for deploying as the job's last fact bears them out. */
function gateOf({ steps }: History) {
  const deployed = steps.find(({ type }) => type === 'JobDeployed');
  if (deployed !== undefined) return deployed.guards;
  const kept = steps.find(({ type }) => type === 'JobKept');
  return kept?.rivals.find(({ fact }) => fact === 'JobDeployed')?.guards ?? [];
}

function Judgement({ job, history }: { job: Job; history: History | null }) {
  const { decision, status, reason, version } = job;
  if (decision === null || decision === undefined) return null;
  const guards = history === null ? [] : gateOf(history);
  const kept = status === 'kept' ? (reason ?? '') : null;
  return <Verdict decision={decision} version={version ?? null} kept={kept} guards={guards} />;
}

function Summary({ job, history }: { job: Job; history: History | null }) {
  const working = WORKING.has(job.status) && job.progress.length > 0;
  const collected = history?.steps.find(({ type }) => type === 'DataCollected');
  return (
    <>
      <Section title={say('status')}>
        <Details rows={rowsOf(job)} />
      </Section>
      {working && <Progress progress={job.progress} since={collected?.recordedAt} />}
      <Judgement job={job} history={history} />
      {(job.members?.length ?? 0) > 0 && <Members job={job} />}
    </>
  );
}

/** The site's forecast once a model of this job is on its device; a site without one answers 404. */
function SiteForecast({ systemId, status }: { systemId: string; status: string }) {
  const { body, refresh } = useResource<Forecast>(`/ml/systems/${encodeURIComponent(systemId)}/forecast`);
  useEffect(refresh, [status, refresh]);
  usePolling(status === 'acked' && body === null, PROGRESS_MS, refresh);
  return body === null ? null : <ForecastChart forecast={body} />;
}

export function JobPage({ jobId }: { jobId: string }) {
  const job = useResource<Job>(`/ml/training-jobs/${encodeURIComponent(jobId)}`);
  const { history, problem, hear } = useStreamSteps(`training-job-${jobId}`);
  const { body } = job;
  const systemId = body?.systemId;
  useStream(
    systemId === undefined ? null : `systemId=${encodeURIComponent(systemId)}`,
    (fact: StreamedFact | null) => {
      job.refresh();
      hear(fact);
    },
  );
  usePolling(WORKING.has(body?.status ?? ''), PROGRESS_MS, job.refresh);
  const legal = history === null ? [] : instantOf(history, history.steps.length).legal;
  return (
    <>
      <Heading title={`${say('job')} ${jobId}`}>
        {body !== null && (
          <JobActions
            job={body}
            request={history?.steps[0]?.data}
            commands={legal.flatMap(({ commands }) => commands)}
            after={job.refresh}
          />
        )}
      </Heading>
      <div class="columns">
        <div>
          <Awaited {...job}>{(shown) => <Summary job={shown} history={history} />}</Awaited>
          {systemId !== undefined && <SiteForecast systemId={systemId} status={body?.status ?? ''} />}
          {history !== null && <Log steps={history.steps} work={body?.work ?? []} />}
        </div>
        <div>
          <StreamHistory history={history} problem={problem} />
        </div>
      </div>
    </>
  );
}
