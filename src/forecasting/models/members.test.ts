import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { createGraphRunner } from '../../adapters/onnxruntime/graph-runner.ts';
import { createSiteCalendar } from '../calendar/site-calendar.ts';
import { cleanReadings } from '../cleaning/clean.ts';
import { createInputRows } from '../features/input-rows.ts';
import { createLayout } from '../features/layout.ts';
import { fitHere } from '../fit-model.ts';
import { createGraph } from '../onnx/graph.ts';
import { HOUR_MS } from '../series.ts';
import { simulateLoad } from '../simulation/simulate-load.ts';
import { graphAlgebra } from '../tensor/graph.ts';
import { numeric } from '../tensor/numeric.ts';
import { trainingRowsOf, trainMembers } from '../train-members.ts';
import { type FittedModel, MEMBER_NAMES, viewOf } from './member.ts';
import { type MemberStates, restoreModels } from './members.ts';

const zone = 'America/Sao_Paulo';
const calendar = createSiteCalendar({ zone, ibgeCode: null });
const from = Date.UTC(2026, 2, 2, 3);
const hours = 34 * 24;
const to = from + hours * HOUR_MS;
const { series } = cleanReadings(simulateLoad({ seed: 5, zone, from, hours }), { calendar, from, to });
const layout = createLayout({ temperature: series.temperature !== null, eventFlags: [] });
const rows = trainingRowsOf(series, createInputRows(layout, calendar), 0, hours);

function graphOf(model: FittedModel): Uint8Array {
  const graph = createGraph({ name: 'model', producerName: 'lifo4-ml', producerVersion: '1' });
  const g = graphAlgebra(graph);
  const input = { value: graph.input('input', 'float32', ['N', layout.width]), shape: [-1, layout.width] };
  graph.output('forecast', model.forecast(g, viewOf(g, layout, input)).value, 'float32', ['N', 48]);
  return graph.encode();
}

describe('what models learn', () => {
  it('is plain data: a copy from another process forecasts the same and writes the same graph', async () => {
    const { states, models } = await trainMembers(rows, {
      seed: 1,
      onProgress: () => undefined,
      signal: new AbortController().signal,
      earlier: {},
      fitModel: fitHere(createGraphRunner()),
    });
    const copies = restoreModels(deserialize(serialize(states)) as MemberStates);
    expect(Object.keys(copies).sort()).toEqual([...MEMBER_NAMES].sort());
    for (const name of MEMBER_NAMES) {
      const [own, copy] = [models[name], copies[name]];
      if (own === undefined || copy === undefined) throw new Error(`${name} is missing`);
      expect(copy.forecast(numeric, rows.view).data).toEqual(own.forecast(numeric, rows.view).data);
      expect(Buffer.from(graphOf(copy)).equals(Buffer.from(graphOf(own)))).toBe(true);
    }
  });
});
