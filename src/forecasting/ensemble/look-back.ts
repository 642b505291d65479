import { hindcastInput } from '../features/hindcast.ts';
import type { ModelView } from '../models/member.ts';
import type { Algebra } from '../tensor/algebra.ts';

/** The rows of a view, then as they would have been two days earlier, four, … `looks` times, [N, F] each. */
export function rowsByLook<T>(g: Algebra<T>, { layout, input }: ModelView<T>, looks: number): readonly T[] {
  const rows = [input];
  for (let earlier = input; rows.length <= looks; rows.push(earlier)) {
    earlier = hindcastInput(g, layout, earlier);
  }
  return rows;
}
