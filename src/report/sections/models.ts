import type { NamedScores } from '../../forecasting/details.ts';
import type { GroupImportance } from '../../forecasting/feature-importance.ts';
import { kw, percent, plain } from '../format.ts';
import type { Markup } from '../html.ts';
import { meters, section, table } from '../page.ts';

/** One row of the table of models. */
export interface ModelRow extends NamedScores {
  /** In place of the model's own name. */
  readonly name?: string;
  readonly weight?: number | undefined;
  /** Share of hours in the 90 % band. */
  readonly coverage?: number | null | undefined;
}

const NAMES: Readonly<Record<string, string>> = {
  naive24: 'yesterday’s value',
  naive168: 'last week’s value',
};

const KINDS = { chosen: 'main', member: undefined, baseline: 'base' } as const;

const HEADER = [
  'Model',
  'Weight %',
  'MAPE %',
  '2nd day',
  'WAPE %',
  '2nd day',
  'RMSE kW',
  '2nd day',
  'MASE',
  '2nd day',
  'In band %',
];

/** All models beside each other and beside the naive forecasts, on the same hours. */
export function modelsSection(rows: readonly ModelRow[], note: string): Markup {
  return section('Models beside each other', note, [
    table(
      'Each figure for hours 1–24 ahead, then for hours 25–48.',
      HEADER,
      rows.map(({ model, name, role, weight, coverage, scores: { first, second } }) => ({
        kind: KINDS[role],
        cells: [
          name ?? NAMES[model] ?? model,
          percent(weight, 1),
          percent(first?.mape),
          percent(second?.mape),
          percent(first?.wape),
          percent(second?.wape),
          kw(first?.rmse),
          kw(second?.rmse),
          plain(first?.mase, 2),
          plain(second?.mase, 2),
          percent(coverage, 1),
        ],
      })),
    ),
  ]);
}

/** What each model contributes to what is exported. */
export function weightsSection(rows: readonly ModelRow[]): Markup {
  const weighted = rows.filter(({ weight }) => (weight ?? 0) > 0);
  return section('Weights', 'Share of each model in the forecast, by what it earned on the test days.', [
    meters(
      weighted.map(({ model, weight = 0 }) => ({
        name: model,
        value: weight,
        text: `${percent(weight, 1)} %`,
      })),
    ),
  ]);
}

/** What the model looks at. */
export function importanceSection(importance: readonly GroupImportance[]): Markup {
  const rows = importance.map(({ group, increase }) => ({
    name: group,
    value: increase,
    text: `${increase > 0 ? '+' : ''}${percent(increase, 1)}`,
  }));
  return section(
    'What the model looks at',
    'By how many points of WAPE the error grows when a group of inputs is taken from another moment. Groups that tell the same share what they tell.',
    [meters(rows)],
  );
}
