import { backtestDetails } from './backtest-details.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { compareWithChampion, withoutComparison } from './champion.ts';
import { decodeDataSet } from './data-set.ts';
import { createEventFlags } from './features/event-flags.ts';
import { breathe } from './fit-model.ts';
import type { UnseenComparison } from './gate.ts';
import type { Evaluation } from './gate-fit.ts';
import { publishProven } from './publish.ts';
import { CannotTrain } from './refusal.ts';
import { HOUR_MS } from './series.ts';
import { backtest, fitOn, prepareFit, recipeOf, type SiteFit } from './site-fit.ts';
import { createStageTimes } from './stage-times.ts';
import type { TrainedMembers } from './train-members.ts';
import {
  type Failure,
  type PublishedModel,
  reportsOf,
  type SiteTraining,
  type SiteTrainingOptions,
  type SiteTrainingResult,
} from './training-job.ts';

/** What a run works with, from the request. */
interface Site extends SiteFit {
  readonly request: SiteTraining;
  readonly options: SiteTrainingOptions;
}

/** @throws {CannotTrain} when the model asked for is a reference only */
function requireDeployable({ modelType }: SiteTraining): void {
  if (modelType === 'arima') {
    throw new CannotTrain(
      'model-not-deployable',
      'ARIMA is a reference: every job trains and reports it, and none deploys it. Ask for the ensemble or another model.',
    );
  }
}

function prepare(request: SiteTraining, options: SiteTrainingOptions): Site {
  requireDeployable(request);
  const series = decodeDataSet(request.dataSet);
  const fit = prepareFit({
    series,
    calendar: createSiteCalendar(request),
    warmupHours: request.warmupHours,
    eventFlags: request.eventFlags ?? [],
    choice: request,
    seed: request.seed,
    signal: options.signal,
    onProgress: options.onProgress,
    openGraph: options.openGraph,
    fitModel: options.fitModel,
  });
  return { ...fit, request, options };
}

async function judgeChampion(
  site: Site,
  evaluation: Evaluation,
): Promise<{ readonly comparison: UnseenComparison | null; readonly failures: readonly Failure[] }> {
  const { request, options, series, calendar, scale, metric } = site;
  const { champion, seed } = request;
  if (champion === null) return { comparison: null, failures: [] };
  const eventFlags = createEventFlags(request.eventFlags ?? [], calendar);
  const { loadModel } = options;
  const trial = { champion, series, calendar, eventFlags, evaluation, loadModel, metric, scale, seed };
  try {
    return { comparison: await compareWithChampion(trial), failures: [] };
  } catch (error) {
    // A champion that cannot be run must not keep its site from ever training again; it is told, not hidden.
    const reason = `Version ${champion.version} could not be run for the comparison: ${error instanceof Error ? error.message : String(error)}`;
    return { comparison: withoutComparison(champion), failures: [{ model: 'champion', reason }] };
  }
}

interface Judged {
  readonly trained: TrainedMembers;
  readonly evaluation: Evaluation;
  readonly comparison: UnseenComparison | null;
  readonly failures: readonly Failure[];
}

async function judge(site: Site, times: ReturnType<typeof createStageTimes>): Promise<Judged> {
  const { options, plan } = site;
  const trained = await times.measureFits('fit', () => fitOn(site, 'fit', plan.testStart));
  options.onProgress({ stage: 'backtest', model: null, share: 0 });
  await breathe();
  options.signal.throwIfAborted();
  const evaluation = await times.measure('backtest', () => backtest(site, trained));
  const { comparison, failures } = await times.measure('backtest', () => judgeChampion(site, evaluation));
  options.onProgress({ stage: 'backtest', model: null, share: 1 });
  return { trained, evaluation, comparison, failures: [...trained.failures, ...failures] };
}

function fileOf(files: readonly PublishedModel[], wanted: string): Uint8Array {
  const file = files.find(({ modelType }) => modelType === wanted);
  if (file === undefined) throw new RangeError(`no file of the ${wanted} was published`);
  return file.artifact;
}

/**
 * One training job from data set to proven artifact: fits all models on the window without its test days,
 * backtests them, learns weights and bands, scores the champion on the same unseen hours, refits on the whole
 * window, exports a file for the ensemble and each model and proves that they compute the same.
 * Rejects with {@link CannotTrain} when the data or the request cannot be trained, with `ParityBroken`
 * when the file is wrong, or with the signal's reason.
 */
export async function trainSite(
  request: SiteTraining,
  options: SiteTrainingOptions,
): Promise<SiteTrainingResult> {
  const times = createStageTimes();
  const site = await times.measure('prepare', () => prepare(request, options));
  const { trained, evaluation, comparison, failures } = await judge(site, times);
  const refitted = await times.measureFits('refit', () =>
    fitOn(site, 'refit', site.series.load.length, trained.states),
  );
  const { weights } = recipeOf(site, refitted, evaluation);
  const modelArtifacts = await publishProven({ fit: site, request, options, times }, refitted, evaluation);
  return {
    artifact: fileOf(modelArtifacts, request.modelType),
    modelArtifacts,
    layoutVersion: site.inputs.layout.version,
    members: reportsOf(evaluation, weights, [...failures, ...refitted.failures]),
    gateMetric: site.metric,
    metrics: evaluation.metrics,
    seasonalNaive: evaluation.seasonalNaive,
    errorProfile: evaluation.errorProfile,
    comparison,
    trainedUntil: new Date(site.series.start + site.series.load.length * HOUR_MS).toISOString(),
    cpuSeconds: times.total(),
    timings: times.times,
    ...(request.details === true ? { details: backtestDetails(site, trained.models, evaluation) } : {}),
  };
}
