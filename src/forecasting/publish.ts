import { exportArtifact } from './artifact.ts';
import { breathe } from './fit-model.ts';
import type { Evaluation } from './gate-fit.ts';
import { goldenTexts } from './golden.ts';
import { type Publication, parityRows, proveParity } from './parity.ts';
import { HOUR_MS } from './series.ts';
import { recipesOf, type SiteFit } from './site-fit.ts';
import type { createStageTimes } from './stage-times.ts';
import type { TrainedMembers } from './train-members.ts';
import type { PublishedModel, SiteTraining, SiteTrainingOptions } from './training-job.ts';

/** What a run publishes from. */
interface Publishing {
  readonly fit: SiteFit;
  readonly request: SiteTraining;
  readonly options: Pick<SiteTrainingOptions, 'loadModel' | 'onProgress' | 'signal'>;
  readonly times: Pick<ReturnType<typeof createStageTimes>, 'measure'>;
}

function exportAll(
  { fit, request }: Publishing,
  refitted: TrainedMembers,
  evaluation: Evaluation,
): (Publication & PublishedModel)[] {
  const { series, plan, inputs } = fit;
  const facts = {
    systemId: request.systemId,
    version: request.version,
    zone: request.zone,
    eventFlags: request.eventFlags ?? [],
    trainedFrom: new Date(series.start + plan.windowStart * HOUR_MS).toISOString(),
    trainedUntil: new Date(series.start + series.load.length * HOUR_MS).toISOString(),
  };
  const published = recipesOf(fit, refitted, evaluation);
  const recipes = published.map(({ recipe }) => recipe);
  const goldens = goldenTexts(recipes, inputs.layout, evaluation.rows.view.input.data);
  return published.map(({ modelType, recipe, metrics }, i) => {
    const own = { modelType, metrics, golden: goldens[i] };
    const artifact = exportArtifact(recipe, inputs.layout, { ...facts, ...own });
    return { name: modelType, modelType, recipe, metrics, artifact };
  });
}

/**
 * The files of a job, after each was seen to compute what the trainer does: the ensemble's and one for every model
 * that may be deployed. Rejects with `ParityBroken` when one does not.
 */
export async function publishProven(
  publishing: Publishing,
  refitted: TrainedMembers,
  evaluation: Evaluation,
): Promise<readonly PublishedModel[]> {
  const { fit, options, times } = publishing;
  const { onProgress, loadModel, signal } = options;
  const { layout } = fit.inputs;
  onProgress({ stage: 'export', model: null, share: 0 });
  const files = await times.measure('export', () => exportAll(publishing, refitted, evaluation));
  onProgress({ stage: 'export', model: null, share: 1 });
  await breathe();
  signal.throwIfAborted();
  onProgress({ stage: 'parity', model: null, share: 0 });
  await times.measure('parity', () =>
    proveParity(files, layout, parityRows(layout, evaluation.rows.view.input.data), loadModel),
  );
  onProgress({ stage: 'parity', model: null, share: 1 });
  return files.map(({ modelType, artifact, metrics }) => ({ modelType, artifact, metrics }));
}
