import { choose, query } from '../router.tsx';

const SORTS = ['name', 'mape', 'forecast-age', 'alerts', 'next-retrain'] as const;
export type Sort = (typeof SORTS)[number];

export const STATES = ['differs', 'unanswered', 'stale-forecast', 'open-alert', 'paused'] as const;

/** What of the fleet is shown, and in which order. */
export interface Filter {
  readonly q?: string;
  readonly state?: string;
  readonly sort: Sort;
  readonly order: 'usual' | 'reversed';
}

/** As the address says; what it says wrongly is left out. */
export function chosenFilter(): Filter {
  const q = query.value.get('q')?.trim().slice(0, 100) ?? '';
  const state = STATES.find((one) => one === query.value.get('state'));
  const sort = SORTS.find((one) => one === query.value.get('sort')) ?? 'name';
  const order = query.value.get('order') === 'reversed' ? 'reversed' : 'usual';
  return { ...(q === '' ? {} : { q }), ...(state === undefined ? {} : { state }), sort, order };
}

/** The same column again turns its order round. */
export function sortBy(column: Sort): void {
  const { sort, order } = chosenFilter();
  const turned = sort === column && order === 'usual';
  choose({ sort: column === 'name' ? null : column, order: turned ? 'reversed' : null });
}
