import { hindcastInput } from '../features/hindcast.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type ModelView, viewOf } from '../models/member.ts';
import { type Algebra, span } from '../tensor/algebra.ts';

/**
 * A row beside those that it would have been two, four, … days earlier, as one batch: a model is written into the
 * graph once for all of them, and a second row costs little.
 */
export interface LookBack<T> {
  /** Of the N · (1 + looks) rows, each row followed by its earlier ones, newest first. */
  readonly view: ModelView<T>;
  /** Rows of two days before, four, … [N, F] each. */
  readonly inputs: readonly T[];
}

/** `count` looks back; none leaves the view as it is. */
export function lookBack<T>(g: Algebra<T>, view: ModelView<T>, count: number): LookBack<T> {
  const inputs: T[] = [];
  for (let input = view.input; inputs.length < count; inputs.push(input))
    input = hindcastInput(g, view.layout, input);
  if (count === 0) return { view, inputs };
  const rows = g.reshape(g.concat([view.input, ...inputs]), [view.layout.width]);
  return { view: viewOf(g, view.layout, rows), inputs };
}

/** A forecast [N · (1 + looks), 48] of the batch as that of the rows themselves and of each look back, [N, 48] each. */
export function forecastsByLook<T>(g: Algebra<T>, { inputs }: LookBack<T>, forecast: T): readonly T[] {
  const side = g.reshape(forecast, [(1 + inputs.length) * HORIZON_HOURS]);
  return [null, ...inputs].map((_, i) => span(g, side, i * HORIZON_HOURS, (i + 1) * HORIZON_HOURS));
}
