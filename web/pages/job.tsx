import { useEffect } from 'preact/hooks';
import type { Forecast, Job, StreamedFact } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { usePolling, useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Details, Heading, type Row, Section } from '../parts/common.tsx';
import { ForecastChart } from '../parts/forecast.tsx';
import { StreamHistory, useHistory } from '../parts/history.tsx';
import { Members, Progress, Verdict } from '../parts/training.tsx';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

const WORKING = new Set(['pending', 'training', 'evaluated']);
const PROGRESS_MS = 1_500;

function rowsOf(job: Job, startedAt: string | undefined): readonly Row[] {
  const { systemId, status, deployment, reason } = job;
  return [
    [say('status'), <Badge key="status" status={status} />],
    ...(systemId === undefined
      ? []
      : [
          [
            say('site'),
            <Link key="site" to={`/sites/${encodeURIComponent(systemId)}`}>
              {systemId}
            </Link>,
          ] as const,
        ]),
    [say('created'), formatInstant(startedAt)],
    ...(deployment
      ? [
          [
            say('deployment'),
            <Link key="deployment" to={`/deployments/${encodeURIComponent(deployment.deploymentId)}`}>
              {deployment.deploymentId}
            </Link>,
          ] as const,
        ]
      : []),
    ...(reason ? [[say('reason'), reason] as const] : []),
  ];
}

function Summary({ job, startedAt }: { job: Job; startedAt: string | undefined }) {
  return (
    <>
      <Section title={say('status')}>
        <Details rows={rowsOf(job, startedAt)} />
      </Section>
      {WORKING.has(job.status) && (job.progress?.length ?? 0) > 0 && (
        <Progress progress={job.progress ?? []} />
      )}
      {job.decision && <Verdict decision={job.decision} reason={job.reason ?? null} />}
      {job.members && job.members.length > 0 && <Members members={job.members} />}
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
  const path = `/ml/training-jobs/${encodeURIComponent(jobId)}`;
  const job = useResource<Job>(path);
  const history = useHistory(`${path}/events`);
  const streamId = `training-job-${jobId}`;
  const systemId = job.body?.systemId;
  useStream(
    systemId === undefined ? null : `systemId=${encodeURIComponent(systemId)}`,
    (fact: StreamedFact | null) => {
      job.refresh();
      if (fact === null) history.refresh();
      else if (fact.streamId === streamId) history.add(fact);
    },
  );
  usePolling(WORKING.has(job.body?.status ?? ''), PROGRESS_MS, job.refresh);
  return (
    <>
      <Heading title={`${say('job')} ${jobId}`} />
      <div class="columns">
        <div>
          <Awaited {...job}>{(body) => <Summary job={body} startedAt={history.rows[0]?.at} />}</Awaited>
          {systemId !== undefined && <SiteForecast systemId={systemId} status={job.body?.status ?? ''} />}
        </div>
        <div>
          <StreamHistory machine="training-job" streamId={streamId} history={history} />
        </div>
      </div>
    </>
  );
}
