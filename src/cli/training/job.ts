import { createHash } from 'node:crypto';
import { METADATA } from '../../forecasting/artifact.ts';
import type { CleanedData } from '../../forecasting/cleaning/clean.ts';
import { encodeDataSet } from '../../forecasting/data-set.ts';
import type { BacktestDetails } from '../../forecasting/details.ts';
import { featureImportance, type GroupImportance } from '../../forecasting/feature-importance.ts';
import { parseLayout } from '../../forecasting/features/layout.ts';
import { DEFAULT_TARGET, judge, type Verdict } from '../../forecasting/gate.ts';
import type { MemberName } from '../../forecasting/models/member.ts';
import type { SiteTrainingProgress } from '../../forecasting/training-job.ts';
import type { Workbench } from '../../main/workbench.ts';
import type { Cli } from '../cli.ts';
import type { Place } from '../input/site-data.ts';
import type { Progress } from '../output/progress.ts';

/** What is to be trained. */
export interface Wish {
  readonly systemId: string;
  readonly version: string;
  readonly modelType: MemberName | 'ensemble';
  readonly members: 'all' | 'documented';
  readonly seed: number;
}

type TrainingResult = Awaited<ReturnType<Workbench['train']>>;

/** A trained model with everything that is told of it. */
export interface Trained {
  readonly result: TrainingResult;
  readonly details: BacktestDetails;
  readonly verdict: Verdict;
  readonly importance: readonly GroupImportance[];
  /** `sha256:…` of the cleaned data set and of the model file. */
  readonly dataHash: string;
  readonly artifactHash: string;
}

export const sha256 = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** One bar a model, first for the fit that the test days judge and then for the one on the whole window. */
function showStep(progress: Progress, { stage, model, share, loss }: SiteTrainingProgress): void {
  const detail = loss === undefined ? stage : `${stage}, loss ${loss.toPrecision(3)}`;
  if (model === null) progress.bar(stage, share);
  else progress.bar(model, share, share >= 1 ? stage : detail);
}

async function importanceOf(
  artifact: Uint8Array,
  { series }: CleanedData,
  { calendar }: Place,
  { seed }: Wish,
  { loadModel, signal }: Pick<Workbench, 'loadModel'> & Pick<Cli, 'signal'>,
): Promise<GroupImportance[]> {
  const session = await loadModel(artifact);
  try {
    const layout = parseLayout(session.metadata[METADATA.layout]);
    return await featureImportance({ session, layout, calendar, series, seed, signal });
  } finally {
    await session.close();
  }
}

/** Trains on cleaned data in processes of their own, judges as the gate does, and asks what the model looks at. */
export async function trainModel(
  wish: Wish,
  cleaned: CleanedData,
  place: Place,
  {
    workbench,
    cli,
    progress,
  }: { readonly workbench: Workbench; readonly cli: Cli; readonly progress: Progress },
): Promise<Trained> {
  const dataSet = encodeDataSet(cleaned.series);
  const { zone, ibgeCode, imported } = place;
  const request = {
    ...wish,
    ...{ zone, ibgeCode, imported, dataSet },
    warmupHours: cleaned.warmupHours,
    champion: null,
    details: true,
  };
  const result = await workbench.train(request, (step) => showStep(progress, step), cli.signal);
  const { details, gateMetric, metrics, seasonalNaive, comparison, artifact } = result;
  if (details === undefined) throw new Error('the trainer gave no details of the backtest');
  const verdict = judge({
    metric: gateMetric,
    target: DEFAULT_TARGET,
    challenger: metrics,
    ...{ seasonalNaive, comparison },
    forceRedeploy: false,
  });
  const { loadModel } = workbench;
  const importance = await importanceOf(artifact, cleaned, place, wish, { loadModel, signal: cli.signal });
  return {
    ...{ result, details, verdict, importance },
    dataHash: sha256(dataSet),
    artifactHash: sha256(artifact),
  };
}
