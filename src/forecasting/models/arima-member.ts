import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { minimise } from './arima/minimise.ts';
import {
  BURN_IN,
  forecastFrom,
  innovations,
  type Order,
  type Polynomials,
  parametersOf,
  polynomialsOf,
  WEEK,
} from './arima/model.ts';
import { measuredHours } from './measured-hours.ts';
import { type Member, requireTargets, type TrainingRows } from './member.ts';

/**
 * Seasonal ARIMA, a reference that is reported and never deployed (docs/decisions/0021). The order is chosen by
 * AICc among a few; parameters minimise the conditional sum of squares.
 */

const ORDERS: readonly Order[] = [
  { p: 1, q: 0 },
  { p: 2, q: 0 },
  { p: 1, q: 1 },
  { p: 2, q: 1 },
  { p: 2, q: 2 },
  { p: 3, q: 0 },
  { p: 3, q: 1 },
];

/** Calls of the sum of squares for each order: most of what a fit costs. */
const EVALUATIONS = 400;

/** Ten days, beside the week that they are differences to. */
const LEAST_DIFFERENCES = 240;

/** Where the search begins: hours hang together, days a little, and a week's surprise is mostly gone after it. */
const START = { hour: 1, other: 0, day: 0.1, week: 1 } as const;

/** All known loads in kW, the history of the first origin before the measured hours; NaN where one is missing. */
function knownLoads(rows: TrainingRows): Float64Array {
  const before = Math.min(HISTORY_HOURS, rows.origins[0] ?? 0);
  const { load } = measuredHours(rows);
  const all = new Float64Array(before + load.length);
  all.set(rows.view.lags.history.data.subarray(HISTORY_HOURS - before, HISTORY_HOURS));
  all.set(load, before);
  return all;
}

/** Differences to last week in kW; NaN where one of the loads is missing. */
function weeklyDifferences(load: Float64Array): Float64Array {
  return Float64Array.from({ length: Math.max(0, load.length - WEEK) }, (_, t) => {
    return (load[t + WEEK] as number) - (load[t] as number);
  });
}

interface Candidate {
  readonly polynomials: Polynomials;
  readonly aicc: number;
}

/** Seasonal differences are too few to choose a model by. */
class TooFewDifferences extends Error {
  override readonly name = 'TooFewDifferences';

  constructor(hours: number) {
    super(
      `ARIMA needs ${LEAST_DIFFERENCES} hours that were measured a week before too, and there are ${hours}: train on a longer window.`,
    );
  }
}

function fitOrder(order: Order, x: Float64Array): Candidate {
  const { p, q } = order;
  const mean = (free: readonly number[]): { readonly square: number; readonly count: number } => {
    const e = innovations(x, polynomialsOf(order, free));
    let [sum, count] = [0, 0];
    for (let t = BURN_IN; t < e.length; t++) {
      if (e[t] === 0) continue;
      sum += (e[t] as number) ** 2;
      count++;
    }
    return { square: sum / Math.max(1, count), count };
  };
  const start = Array.from({ length: p + q }, (_, i) => (i === 0 ? START.hour : START.other));
  const { x: best } = minimise((free) => mean(free).square, [...start, START.day, START.week], EVALUATIONS);
  const { square, count } = mean(best);
  const k = parametersOf(order) + 1;
  const aicc =
    count * Math.log(square + Number.MIN_VALUE) + 2 * k + (2 * k * (k + 1)) / Math.max(1, count - k - 1);
  return { polynomials: polynomialsOf(order, best), aicc };
}

/** A forecast is linear in the history: row `i` is what one kW more at hour `i` of it adds. [720 × 48] */
function responses(polynomials: Polynomials): Float32Array {
  const table = new Float32Array(HISTORY_HOURS * HORIZON_HOURS);
  const impulse = new Float64Array(HISTORY_HOURS);
  for (let i = 0; i < HISTORY_HOURS; i++) {
    impulse[i] = 1;
    table.set(forecastFrom(impulse, polynomials), i * HORIZON_HOURS);
    impulse[i] = 0;
  }
  return table;
}

export const arima: Member<Polynomials> = {
  name: 'arima',
  async fit(rows, { signal, onProgress }) {
    requireTargets(rows);
    const x = weeklyDifferences(knownLoads(rows));
    const measured = x.reduce((n, value) => n + Number(!Number.isNaN(value)), 0);
    if (measured < LEAST_DIFFERENCES) throw new TooFewDifferences(measured);
    const candidates = ORDERS.map((order, i) => {
      signal.throwIfAborted();
      const candidate = fitOrder(order, x);
      onProgress((i + 1) / (ORDERS.length + 1));
      return candidate;
    });
    const best = candidates.reduce((a, b) => (b.aicc < a.aicc ? b : a));
    onProgress(1);
    return best.polynomials;
  },
  restore(polynomials) {
    const table = responses(polynomials);
    return {
      forecast: (g, { lags }) => g.matmul(lags.history, g.constant(table, [HISTORY_HOURS, HORIZON_HOURS])),
    };
  },
};
