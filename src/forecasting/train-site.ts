import { exportArtifact } from './artifact.ts';
import { backtestDetails } from './backtest-details.ts';
import { createSiteCalendar } from './calendar/site-calendar.ts';
import { compareWithChampion, withoutComparison } from './champion.ts';
import { decodeDataSet } from './data-set.ts';
import type { Recipe } from './ensemble/recipe.ts';
import { createEventFlags } from './features/event-flags.ts';
import type { UnseenComparison } from './gate.ts';
import type { Evaluation } from './gate-fit.ts';
import { parityRows, proveParity } from './parity.ts';
import { CannotTrain } from './refusal.ts';
import { HOUR_MS, type HourlySeries } from './series.ts';
import { backtest, fitOn, prepareFit, recipeOf, type SiteFit } from './site-fit.ts';
import { breathe, type TrainedMembers } from './train-members.ts';
import {
  type Failure,
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

async function judge(site: Site): Promise<Judged> {
  const { options, plan } = site;
  const trained = await fitOn(site, 'fit', plan.testStart);
  options.onProgress({ stage: 'backtest', model: null, share: 0 });
  await breathe();
  options.signal.throwIfAborted();
  const evaluation = backtest(site, trained);
  const { comparison, failures } = await judgeChampion(site, evaluation);
  options.onProgress({ stage: 'backtest', model: null, share: 1 });
  return { trained, evaluation, comparison, failures: [...trained.failures, ...failures] };
}

const endOf = (series: HourlySeries): number => series.start + series.load.length * HOUR_MS;

/** The file, after it was seen to compute what the trainer does. */
async function exportProven(site: Site, recipe: Recipe, evaluation: Evaluation): Promise<Uint8Array> {
  const { request, options, series, plan, inputs } = site;
  options.onProgress({ stage: 'export', model: null, share: 0 });
  const artifact = exportArtifact(recipe, inputs.layout, {
    systemId: request.systemId,
    version: request.version,
    modelType: request.modelType,
    zone: request.zone,
    trainedFrom: new Date(series.start + plan.windowStart * HOUR_MS).toISOString(),
    trainedUntil: new Date(endOf(series)).toISOString(),
    metrics: evaluation.metrics,
  });
  options.onProgress({ stage: 'export', model: null, share: 1 });
  await breathe();
  options.signal.throwIfAborted();
  options.onProgress({ stage: 'parity', model: null, share: 0 });
  const rows = parityRows(inputs.layout, evaluation.rows.view.input.data);
  await proveParity([{ name: request.modelType, artifact, recipe }], inputs.layout, rows, options.loadModel);
  options.onProgress({ stage: 'parity', model: null, share: 1 });
  return artifact;
}

/**
 * One training job from data set to proven artifact: fits all models on the window without its test days,
 * backtests them, learns weights and bands, scores the champion on the same unseen hours, refits on the whole
 * window, exports and proves that the file computes the same.
 * Rejects with {@link CannotTrain} when the data or the request cannot be trained, with `ParityBroken`
 * when the file is wrong, or with the signal's reason.
 */
export async function trainSite(
  request: SiteTraining,
  options: SiteTrainingOptions,
): Promise<SiteTrainingResult> {
  const before = process.cpuUsage();
  const site = prepare(request, options);
  const { trained, evaluation, comparison, failures } = await judge(site);
  const refitted = await fitOn(site, 'refit', site.series.load.length, trained.states);
  const recipe = recipeOf(site, refitted, evaluation);
  const artifact = await exportProven(site, recipe, evaluation);
  const used = process.cpuUsage(before);
  return {
    artifact,
    layoutVersion: site.inputs.layout.version,
    members: reportsOf(evaluation, recipe.weights, [...failures, ...refitted.failures]),
    gateMetric: site.metric,
    metrics: evaluation.metrics,
    seasonalNaive: evaluation.seasonalNaive,
    comparison,
    trainedUntil: new Date(endOf(site.series)).toISOString(),
    cpuSeconds: (used.user + used.system) / 1e6,
    ...(request.details === true ? { details: backtestDetails(site, trained.models, evaluation) } : {}),
  };
}
