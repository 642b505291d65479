import { METADATA } from '../../src/forecasting/artifact.ts';
import { createLayout } from '../../src/forecasting/features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS, QUANTILE_LEVELS } from '../../src/forecasting/horizon.ts';
import { createGraph } from '../../src/forecasting/onnx/graph.ts';

export interface TinyModelOptions {
  readonly systemId?: string;
  readonly version: string;
  /** Each output is multiplied by this: NaN makes a model that loads and answers no numbers. */
  readonly factor?: number;
  readonly layout?: string;
  /** Bytes of nothing in the metadata, for a file of some size. */
  readonly padding?: number;
}

/** A model that says what was measured a week before: small, but a real file for a real runtime. */
export function tinyModel({
  systemId = 'bess-456',
  version,
  factor = 1,
  layout,
  padding = 0,
}: TinyModelOptions): Uint8Array {
  const features = createLayout({ temperature: false, eventFlags: [] });
  const graph = createGraph({ name: 'tiny', producerName: 'lifo4-ml', producerVersion: '0.1.0' });
  const input = graph.input('input', 'float32', ['N', features.width]);
  const from = HISTORY_HOURS - 168;
  const week = graph.node('Slice', [
    input,
    graph.ints([from]),
    graph.ints([from + HORIZON_HOURS]),
    graph.ints([1]),
  ]);
  const forecast = graph.node('Mul', [week, graph.floats([factor])]);
  const lower = graph.node('Sub', [forecast, graph.floats([10])]);
  const upper = graph.node('Add', [forecast, graph.floats([10])]);
  const nothing = graph.node('Mul', [forecast, graph.floats([0])]);
  const peak = graph.node('Add', [nothing, graph.floats([1 / 24])]);
  const column = graph.node('Unsqueeze', [forecast, graph.ints([2])]);
  const levels = graph.floats(new Float32Array(QUANTILE_LEVELS.length), [1, 1, QUANTILE_LEVELS.length]);
  const quantiles = graph.node('Add', [column, levels]);
  const rows = ['N', HORIZON_HOURS] as const;
  graph.output('forecast', forecast, 'float32', rows);
  graph.output('lower', lower, 'float32', rows);
  graph.output('upper', upper, 'float32', rows);
  graph.output('peak_probability', peak, 'float32', rows);
  graph.output('quantiles', quantiles, 'float32', [...rows, QUANTILE_LEVELS.length]);
  graph.metadata(METADATA.site, systemId);
  graph.metadata(METADATA.version, version);
  graph.metadata(METADATA.layout, layout ?? JSON.stringify(features));
  graph.metadata(METADATA.layoutVersion, String(features.version));
  graph.metadata(METADATA.horizon, String(HORIZON_HOURS));
  graph.metadata(METADATA.quantileLevels, JSON.stringify(QUANTILE_LEVELS));
  if (padding > 0) graph.metadata('padding', 'x'.repeat(padding));
  return graph.encode();
}
