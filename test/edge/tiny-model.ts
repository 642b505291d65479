import { deflateRawSync } from 'node:zlib';
import { METADATA } from '../../src/forecasting/artifact.ts';
import { createLayout } from '../../src/forecasting/features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS, QUANTILE_LEVELS } from '../../src/forecasting/horizon.ts';
import { createGraph, type GraphBuilder, type Value } from '../../src/forecasting/onnx/graph.ts';

export interface TinyModelOptions {
  readonly systemId?: string;
  readonly version: string;
  /** Each output is multiplied by this: NaN makes a model that loads and answers no numbers. */
  readonly factor?: number;
  readonly layout?: string;
  /** Bytes of nothing in the metadata, for a file of some size. */
  readonly padding?: number;
  /** Golden rows, whose outputs are those of the model multiplied by this. */
  readonly golden?: number;
  /** Asks for so many thousand values when it runs. */
  readonly bomb?: number;
}

/** The same values, after asking for `count` thousand times as many. */
function flooded(graph: GraphBuilder, values: Value, count: number): Value {
  const many = graph.node('Tile', [
    graph.node('Unsqueeze', [values, graph.ints([2])]),
    graph.ints([1, 1, count]),
  ]);
  return graph.node('ReduceMax', [many, graph.ints([2])], { keepdims: { int: 0 } });
}

const packed = (values: Float32Array): string =>
  deflateRawSync(Buffer.from(values.buffer)).toString('base64');

/** One golden row of a level load of 100 kW. */
function goldenRow(width: number, factor: number): string {
  const hours = (kw: number) => packed(new Float32Array(HORIZON_HOURS).fill(kw * factor));
  const outputs = {
    forecast: hours(100),
    lower: hours(90),
    upper: hours(110),
    peakProbability: hours(1 / 24),
  };
  return JSON.stringify({ count: 1, rows: packed(new Float32Array(width).fill(100)), ...outputs });
}

/** A model that says what was measured a week before: small, but a real file for a real runtime. */
export function tinyModel({
  systemId = 'bess-456',
  version,
  factor = 1,
  layout,
  padding = 0,
  golden,
  bomb,
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
  const scaled = graph.node('Mul', [week, graph.floats([factor])]);
  const forecast = bomb === undefined ? scaled : flooded(graph, scaled, bomb);
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
  if (golden !== undefined) graph.metadata(METADATA.golden, goldenRow(features.width, golden));
  if (padding > 0) graph.metadata('padding', 'x'.repeat(padding));
  return graph.encode();
}
