import { type Recipe, runRecipe } from './ensemble/recipe.ts';
import type { EventFlag } from './features/event-flags.ts';
import type { FeatureLayout } from './features/layout.ts';
import { HORIZON_HOURS, OUTPUT_NAMES, QUANTILE_LEVELS } from './horizon.ts';
import { viewOf } from './models/member.ts';
import { createGraph, ML_OPSET, OPSET } from './onnx/graph.ts';
import { graphAlgebra } from './tensor/graph.ts';

/** Keys of an artifact's `metadata_props`. */
export const METADATA = {
  site: 'site',
  version: 'version',
  modelType: 'model_type',
  weights: 'weights',
  layout: 'feature_layout',
  layoutVersion: 'feature_layout_version',
  eventFlags: 'event_flags',
  horizon: 'horizon_hours',
  history: 'history_hours',
  quantileLevels: 'quantile_levels',
  zone: 'zone',
  trainedFrom: 'trained_from',
  trainedUntil: 'trained_until',
  metrics: 'metrics',
  golden: 'golden_rows',
  opset: 'opset',
  producer: 'producer',
} as const;

/** Program that writes artifacts, and the version of what it writes. */
const PRODUCER = { name: 'lifo4-ml', version: '0.1.0' } as const;

/** What an artifact says about itself. */
export interface ArtifactFacts {
  readonly systemId: string;
  readonly version: string;
  readonly modelType: string;
  readonly zone: string;
  /** ISO instants of the training window's first hour and of the hour after its last. */
  readonly trainedFrom: string;
  readonly trainedUntil: string;
  /** Hours that the site's people had marked when it was trained; the columns of the same labels are these. */
  readonly eventFlags: readonly EventFlag[];
  /** Backtest figures as JSON carries them. */
  readonly metrics: unknown;
  /** As `goldenTexts` writes it. */
  readonly golden?: string | undefined;
}

/**
 * Writes a recipe as one ONNX file: `input` float32 [N, F] to the outputs of {@link OUTPUT_NAMES}. Nothing else
 * is needed to run it. The same recipe and facts give the same bytes.
 */
export function exportArtifact(recipe: Recipe, layout: FeatureLayout, facts: ArtifactFacts): Uint8Array {
  const graph = createGraph({
    name: 'forecast',
    producerName: PRODUCER.name,
    producerVersion: PRODUCER.version,
  });
  const input = graph.input('input', 'float32', ['N', layout.width]);
  const g = graphAlgebra(graph);
  const outputs = runRecipe(g, recipe, viewOf(g, layout, { value: input, shape: [-1, layout.width] }));
  const named = {
    forecast: outputs.forecast,
    lower: outputs.lower,
    upper: outputs.upper,
    peak_probability: outputs.peakProbability,
    quantiles: outputs.quantiles,
  };
  for (const name of OUTPUT_NAMES) {
    const levels = name === 'quantiles' ? [QUANTILE_LEVELS.length] : [];
    graph.output(name, named[name].value, 'float32', ['N', HORIZON_HOURS, ...levels]);
  }
  const entries: Record<string, string> = {
    [METADATA.site]: facts.systemId,
    [METADATA.version]: facts.version,
    [METADATA.modelType]: facts.modelType,
    [METADATA.weights]: JSON.stringify(recipe.weights),
    [METADATA.layout]: JSON.stringify(layout),
    [METADATA.layoutVersion]: String(layout.version),
    [METADATA.eventFlags]: JSON.stringify(facts.eventFlags),
    [METADATA.horizon]: String(HORIZON_HOURS),
    [METADATA.history]: String(layout.historyHours),
    [METADATA.quantileLevels]: JSON.stringify(QUANTILE_LEVELS),
    [METADATA.zone]: facts.zone,
    [METADATA.trainedFrom]: facts.trainedFrom,
    [METADATA.trainedUntil]: facts.trainedUntil,
    [METADATA.metrics]: JSON.stringify(facts.metrics),
    ...(facts.golden === undefined ? {} : { [METADATA.golden]: facts.golden }),
    [METADATA.opset]: `ai.onnx ${OPSET}, ai.onnx.ml ${ML_OPSET}`,
    [METADATA.producer]: `${PRODUCER.name} ${PRODUCER.version}`,
  };
  for (const [key, value] of Object.entries(entries)) graph.metadata(key, value);
  return graph.encode();
}
