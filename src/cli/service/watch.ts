import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import type { Deployment, Job } from '../../client/client.ts';
import type { Cli } from '../cli.ts';
import { Cancelled, Refused } from '../failure.ts';
import { columnLines, figure, minute, orDash, plain } from '../output/columns.ts';
import { createProgress, type Progress } from '../output/progress.ts';
import { answerOf, printOne, type Service, type ServiceWishes, serviceOf, withService } from './service.ts';

/** Follows a job or a deployment to its end. */

const LOOK_MS = 1_000;
const STAGES = ['fit', 'backtest', 'refit', 'export', 'parity'] as const;

const JOB_ENDS: Readonly<Record<Job['status'], 'well' | 'badly' | null>> = {
  ...{ pending: null, training: null, evaluated: null, deployed: null },
  ...{ acked: 'well', kept: 'well' },
  ...{ rolledback: 'badly', undelivered: 'badly', failed: 'badly', cancelled: 'badly' },
};
const DEPLOYMENT_ENDS: Readonly<Record<Deployment['status'], 'well' | 'badly' | null>> = {
  offered: null,
  active: 'well',
  ...{ rejected: 'badly', rolledback: 'badly', expired: 'badly', superseded: 'badly' },
};

/** How far a model is over all its stages. */
function showModels({ progress }: Job, bars: Progress): void {
  const models = new Map<string, number[]>();
  for (const { stage, model, share } of progress) {
    const shares = models.get(model ?? 'job') ?? [];
    shares[STAGES.indexOf(stage)] = share;
    models.set(model ?? 'job', shares);
  }
  for (const [model, shares] of models) {
    const known = shares.filter((share) => share !== undefined);
    const at = STAGES[shares.findLastIndex((share) => share !== undefined)] ?? '';
    bars.bar(model, known.reduce((sum, share) => sum + share, 0) / Math.max(1, known.length), at);
  }
}

async function follow<One extends { readonly status: string }>(
  { cli }: Service,
  ask: () => Promise<One>,
  ended: (one: One) => boolean,
  show: (one: One, bars: Progress) => void,
  json: boolean,
): Promise<One> {
  const bars = createProgress(cli, json);
  try {
    let told = '';
    for (;;) {
      const one = await ask();
      if (one.status !== told) bars.done(one.status);
      told = one.status;
      if (ended(one)) return one;
      show(one, bars);
      await wait(LOOK_MS, undefined, { signal: cli.signal }).catch(() => {
        throw cli.signal.reason;
      });
    }
  } finally {
    bars.close();
  }
}

/** What is followed is the service's and does not end with its watcher. */
const toldApart =
  ({ cli }: Service) =>
  (error: unknown): never => {
    throw cli.signal.aborted ? new Cancelled('no longer watched; it goes on') : error;
  };

export const readJob = ({ api }: Service, jobId: string): Promise<Job> =>
  answerOf(api.GET('/api/v1/ml/training-jobs/{jobId}', { params: { path: { jobId } } }));

const memberRows = ({ members = [] }: Job): string[][] =>
  members.map(({ model, outcome, weight, metrics, reason }) => [
    ...[model, outcome, figure(weight * 100, 0), figure(metrics?.mape), figure(metrics?.rmse, 1)],
    reason ?? '',
  ]);

function decisionLines({ decision }: Job): string[] {
  if (!decision) return [];
  const { metric, challenger, target, seasonalNaive, minimumGain, comparison } = decision;
  const gate = `${metric.toUpperCase()} ${figure(challenger)} %: target under ${figure(target)} %, last week’s value ${figure(seasonalNaive)} %`;
  if (comparison === null) return [`  gate       ${gate}; no model in service to compare with`];
  const { championVersion, championMape, challengerMape, gain, gainLower90, gainUpper90, unseenDays } =
    comparison;
  if (championMape === null)
    return [
      `  gate       ${gate}`,
      `  champion   ${championVersion}; not compared: ${unseenDays} days that neither has seen are too few`,
    ];
  return [
    `  gate       ${gate}`,
    `  champion   ${championVersion} ${figure(championMape)} %, challenger ${figure(challengerMape)} % on ${unseenDays} days that neither has seen`,
    `  gain       ${figure(gain)} % (90 %: ${figure(gainLower90)} to ${figure(gainUpper90)}), wanted ${figure(minimumGain)} %`,
  ];
}

export function jobLines(job: Job): readonly string[] {
  const { jobId, systemId, status, version, reason, createdAt, updatedAt, deployment, held } = job;
  const rows = memberRows(job);
  return [
    `  job        ${jobId}`,
    `  site       ${orDash(systemId)}`,
    `  status     ${status}${held ? ', held: automatic deployments are stopped' : ''}`,
    `  version    ${orDash(version)}`,
    ...(reason ? [`  reason     ${plain(reason)}`] : []),
    `  from, to   ${minute(createdAt)}, ${minute(updatedAt)}`,
    ...decisionLines(job),
    ...(deployment ? [`  deployment ${deployment.deploymentId} ${orDash(deployment.status)}`] : []),
    ...(rows.length === 0
      ? []
      : ['', ...columnLines(['model', 'outcome', 'weight', 'MAPE %', 'RMSE kW', ''], rows)]),
  ];
}

/** Follows the job to its end and prints it. Throws {@link Refused} when it does not end well. */
export async function watchJob(service: Service, jobId: string, wishes: ServiceWishes): Promise<void> {
  const json = wishes.json === true;
  const job = await follow(
    service,
    () => readJob(service, jobId),
    ({ status }) => JOB_ENDS[status] !== null,
    showModels,
    json,
  ).catch(toldApart(service));
  if (JOB_ENDS[job.status] === 'badly' && !json)
    throw new Refused(job.status, `the job is ${job.status}: ${plain(job.reason ?? 'no reason given')}`);
  printOne(job, wishes, service.cli, jobLines);
}

export function deploymentLines(deployment: Deployment): readonly string[] {
  const { deploymentId, systemId, deviceId, version, status, reason, inferenceMs, expires } = deployment;
  return [
    `  deployment ${deploymentId}`,
    `  site       ${systemId}`,
    `  device     ${deviceId}`,
    `  version    ${version}`,
    `  status     ${status}`,
    ...(reason === null ? [] : [`  reason     ${plain(reason)}`]),
    ...(inferenceMs === null ? [] : [`  inference  ${figure(inferenceMs)} ms`]),
    `  expires    ${minute(expires)}`,
  ];
}

/** Follows the deployment to the device's answer and prints it. Throws {@link Refused} when it does not run. */
export async function watchDeployment(service: Service, id: string, wishes: ServiceWishes): Promise<void> {
  const params = { path: { deploymentId: id } };
  const deployment = await follow(
    service,
    () => answerOf(service.api.GET('/api/v1/ml/deployments/{deploymentId}', { params })),
    ({ status }) => DEPLOYMENT_ENDS[status] !== null,
    () => undefined,
    wishes.json === true,
  ).catch(toldApart(service));
  if (DEPLOYMENT_ENDS[deployment.status] === 'badly' && wishes.json !== true)
    throw new Refused(
      deployment.status,
      `the deployment is ${deployment.status}: ${plain(deployment.reason ?? 'no reason given')}`,
    );
  printOne(deployment, wishes, service.cli, deploymentLines);
}

/** `lifo4-ml watch` */
export function watchCommand(cli: Cli): Command {
  const command = new Command('watch')
    .summary('follow a training job to its end')
    .description(
      'Follows a training job to its end, with a bar for each model, and prints the decision. Ends with exit code 1 when the job failed, was taken back or not delivered.',
    )
    .argument('<job>', 'id of the job')
    .action((jobId: string, wishes: ServiceWishes) => watchJob(serviceOf(wishes, cli), jobId, wishes));
  return withService(command, 'ml:read', ['lifo4-ml watch 0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10']);
}
