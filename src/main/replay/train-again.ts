import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { CloudDependencies } from '../../cloud/dependencies.ts';
import type { Champion, TrainingRequest, TrainingResult } from '../../ports/trainer.ts';
import type { Check } from './checks.ts';
import type { FoldedDeployment, FoldedJob, FoldedLog } from './fold.ts';

/** What a job was given, all of it named by the log. */
export interface TrainAgainOptions {
  readonly cloud: Pick<CloudDependencies, 'trainer' | 'artifacts'>;
  readonly systemId: string;
  readonly zone: string;
  readonly folded: FoldedLog;
  /** How many of the jobs, spread over the replay. */
  readonly count: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, of: number) => void;
}

type Artifacts = Pick<CloudDependencies['artifacts'], 'get'>;
type Evaluated = FoldedJob & {
  readonly evaluation: NonNullable<FoldedJob['evaluation']>;
  readonly dataSet: NonNullable<FoldedJob['dataSet']>;
};

const isEvaluated = (job: FoldedJob): job is Evaluated => job.evaluation !== null && job.dataSet !== null;

/** The last of them and others at equal distances before it. */
function spread<Item>(items: readonly Item[], count: number): readonly Item[] {
  const step = Math.max(1, items.length / Math.max(1, count));
  const chosen = Array.from(
    { length: Math.min(count, items.length) },
    (_, i) => items.length - 1 - Math.floor(i * step),
  );
  return chosen.reverse().flatMap((at) => items[at] ?? []);
}

async function championOf(
  { evaluation }: Evaluated,
  deployments: readonly FoldedDeployment[],
  artifacts: Artifacts,
): Promise<Champion | null> {
  const id = evaluation.comparison?.championDeploymentId;
  const served = deployments.find(({ deploymentId }) => deploymentId === id);
  if (served === undefined) return null;
  const { version, deploymentId, trainedUntil, checksum } = served;
  return { version, deploymentId, trainedUntil, artifact: await artifacts.get(checksum) };
}

async function requestOf(
  job: Evaluated,
  { systemId, zone, folded, cloud }: TrainAgainOptions,
): Promise<TrainingRequest> {
  const { evaluation, dataSet, seed, members } = job;
  return {
    ...{ systemId, zone, seed, members, ibgeCode: null, imported: [], eventFlags: [] },
    ...{ version: evaluation.version, modelType: evaluation.modelType, warmupHours: dataSet.warmupHours },
    dataSet: await cloud.artifacts.get(dataSet.checksum),
    champion: await championOf(job, folded.deployments, cloud.artifacts),
  };
}

/** What came out otherwise; null when all is the same. */
function difference({ evaluation, jobId }: Evaluated, result: TrainingResult): string | null {
  const checksum = `sha256:${createHash('sha256').update(result.artifact).digest('hex')}`;
  const { metrics, seasonalNaive, comparison } = result;
  const now = JSON.parse(JSON.stringify({ metrics, seasonalNaive, comparison }));
  const then = {
    ...{
      metrics: evaluation.metrics,
      seasonalNaive: evaluation.seasonalNaive,
      comparison: evaluation.comparison,
    },
  };
  if (!isDeepStrictEqual(now, then)) return `the figures of job ${jobId} come out otherwise`;
  return checksum === evaluation.artifact.checksum ? null : `the file of job ${jobId} comes out otherwise`;
}

/** Trains jobs of the replay again from what the log names: data set, seed, champion. Figures and bytes must be the same. */
export async function trainAgain(options: TrainAgainOptions): Promise<Check> {
  const jobs = spread(options.folded.jobs.filter(isEvaluated), options.count);
  const found: string[] = [];
  for (const [done, job] of jobs.entries()) {
    if (options.signal.aborted) break;
    options.onProgress(done, jobs.length);
    const request = { ...(await requestOf(job, options)), fitted: [] };
    const result = await options.cloud.trainer.train(request, () => undefined, options.signal);
    found.push(...[difference(job, result)].filter((text) => text !== null));
  }
  return {
    name: 'trainings repeated from the log give the same figures and the same file',
    isMet: found.length === 0 && !options.signal.aborted,
    detail:
      found.length === 0 ? `${jobs.length} of ${options.folded.jobs.length} trainings` : found.join('; '),
  };
}
