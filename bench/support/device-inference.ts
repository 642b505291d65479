import { readFile } from 'node:fs/promises';
import { createModelLoader } from '../../src/adapters/onnxruntime/model-loader.ts';
import { createCalendar } from '../../src/forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../src/forecasting/calendar/special-days.ts';
import { forecastAt } from '../../src/forecasting/forecast-at.ts';
import { HISTORY_HOURS } from '../../src/forecasting/horizon.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { settledRssMb } from './resident.ts';

/**
 * A process that forecasts as a device does, features and ensemble in one row:
 * `node --expose-gc device-inference.ts ARTIFACT HOURS RUNS`, where HOURS is a JSON file of `{start, load}`.
 */

const [artifact = '', hours = '', runs = '0'] = process.argv.slice(2);
const { start, load }: { readonly start: number; readonly load: readonly number[] } = JSON.parse(
  await readFile(hours, 'utf8'),
);
const calendar = createCalendar({ zone: 'America/Sao_Paulo', days: noSpecialDays });
const session = await createModelLoader()(await readFile(artifact));

const milliseconds: number[] = [];
const WARM_UP = 50;
let cpu = process.cpuUsage();
for (let i = 0; i < WARM_UP + Number(runs); i++) {
  const from = i % (load.length - HISTORY_HOURS);
  const history = { load: Float64Array.from(load.slice(from, from + HISTORY_HOURS)), temperature: null };
  const issueTime = start + (from + HISTORY_HOURS) * HOUR_MS;
  if (i === WARM_UP) cpu = process.cpuUsage();
  const before = performance.now();
  await forecastAt({ session, calendar, history, issueTime });
  if (i >= WARM_UP) milliseconds.push(performance.now() - before);
}
const { user, system } = process.cpuUsage(cpu);
milliseconds.sort((a, b) => a - b);
const at = (share: number): number =>
  milliseconds[Math.floor(share * (milliseconds.length - 1))] ?? Number.NaN;
const rssMb = settledRssMb();
process.stdout.write(
  JSON.stringify({ rssMb, p50: at(0.5), p99: at(0.99), cpu: (user + system) / 1000 / Number(runs) }),
);
