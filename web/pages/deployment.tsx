import type { Deployment } from '../../src/client/client.ts';
import { answerOf, api } from '../api.ts';
import type { StreamedFact } from '../contract.ts';
import { formatInstant, formatKw, formatMs, formatPercent } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Action } from '../parts/action.tsx';
import { Awaited, Badge, Details, Heading, type Row, Section } from '../parts/common.tsx';
import { ask } from '../parts/dialog.tsx';
import { StreamHistory } from '../parts/history.tsx';
import { Log } from '../parts/log.tsx';
import { useStreamSteps } from '../parts/stream-steps.ts';
import { sayTraining } from '../parts/training-words.ts';
import { go, Link } from '../router.tsx';
import { say } from '../words.ts';

function rowsOf(deployment: Deployment): readonly Row[] {
  const { status, systemId, deviceId, version, modelType, jobId, reason, inferenceMs } = deployment;
  const { assignment, accuracy } = deployment;
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
    [sayTraining('assignment'), assignment],
    [sayTraining('accuracy'), `MAPE ${formatPercent(accuracy?.mape)}, RMSE ${formatKw(accuracy?.rmse)}`],
    [say('offered'), formatInstant(deployment.offeredAt)],
    [say('expires'), formatInstant(deployment.expires)],
    [say('inference'), formatMs(inferenceMs)],
    ...(reason ? [[say('reason'), reason] as const] : []),
  ];
}

/** Ends in which the version does not run: a person may want it offered again. */
const OVER: ReadonlySet<string> = new Set(['rejected', 'rolledback', 'expired', 'superseded']);

async function offerAgain({ systemId, version }: Deployment): Promise<string | null> {
  const given = await ask({
    title: sayTraining('offerAgain'),
    text: sayTraining('offerAsk', { systemId, version }),
    action: sayTraining('offerAgain'),
  });
  if (given === null) return null;
  const path = { systemId, version };
  const { deploymentId } = await answerOf(
    api.POST('/api/v1/ml/systems/{systemId}/models/{version}/restore', { params: { path }, body: null }),
  );
  go(`/deployments/${encodeURIComponent(deploymentId)}`);
  return sayTraining('offered');
}

export function DeploymentPage({ deploymentId }: { deploymentId: string }) {
  const deployment = useResource<Deployment>(`/ml/deployments/${encodeURIComponent(deploymentId)}`);
  const { history, problem, hear } = useStreamSteps(`deployment-${deploymentId}`);
  const { body } = deployment;
  const systemId = body?.systemId;
  useStream(
    systemId === undefined ? null : `systemId=${encodeURIComponent(systemId)}`,
    (fact: StreamedFact | null) => {
      deployment.refresh();
      hear(fact);
    },
  );
  return (
    <>
      <Heading title={`${say('deployment')} ${deploymentId}`}>
        {body !== null && OVER.has(body.status) && (
          <Action scope="ml:deploy" act={() => offerAgain(body)} after={deployment.refresh}>
            {sayTraining('offerAgain')}
          </Action>
        )}
      </Heading>
      <div class="columns">
        <div>
          <Section title={say('status')}>
            <Awaited {...deployment}>{(shown) => <Details rows={rowsOf(shown)} />}</Awaited>
          </Section>
          {history !== null && <Log steps={history.steps} work={null} />}
        </div>
        <div>
          <StreamHistory history={history} problem={problem} />
        </div>
      </div>
    </>
  );
}
