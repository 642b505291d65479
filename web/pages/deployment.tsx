import type { Deployment, StreamedFact } from '../contract.ts';
import { formatInstant, formatMs } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Details, Heading, type Row, Section } from '../parts/common.tsx';
import { StreamHistory, useHistory } from '../parts/history.tsx';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

function rowsOf(deployment: Deployment): readonly Row[] {
  const { status, systemId, deviceId, version, modelType, jobId, reason, inferenceMs } = deployment;
  return [
    [say('status'), <Badge key="status" status={status} />],
    [
      say('site'),
      <Link key="site" to={`/sites/${encodeURIComponent(systemId)}`}>
        {systemId}
      </Link>,
    ],
    [say('device'), deviceId],
    [say('model'), `${modelType} ${version}`],
    ...(jobId
      ? [
          [
            say('job'),
            <Link key="job" to={`/jobs/${encodeURIComponent(jobId)}`}>
              {jobId}
            </Link>,
          ] as const,
        ]
      : []),
    [say('offered'), formatInstant(deployment.offeredAt)],
    [say('expires'), formatInstant(deployment.expires)],
    [say('inference'), formatMs(inferenceMs)],
    ...(reason ? [[say('reason'), reason] as const] : []),
  ];
}

export function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const path = `/ml/deployments/${encodeURIComponent(deploymentId)}`;
  const deployment = useResource<Deployment>(path);
  const history = useHistory(`${path}/events`);
  const streamId = `deployment-${deploymentId}`;
  const systemId = deployment.body?.systemId;
  useStream(
    systemId === undefined ? null : `systemId=${encodeURIComponent(systemId)}`,
    (fact: StreamedFact | null) => {
      deployment.refresh();
      if (fact === null) history.refresh();
      else if (fact.streamId === streamId) history.add(fact);
    },
  );
  return (
    <>
      <Heading title={`${say('deployment')} ${deploymentId}`} />
      <div class="columns">
        <div>
          <Section title={say('status')}>
            <Awaited {...deployment}>{(body) => <Details rows={rowsOf(body)} />}</Awaited>
          </Section>
        </div>
        <div>
          <StreamHistory machine="deployment" streamId={streamId} history={history} />
        </div>
      </div>
    </>
  );
}
