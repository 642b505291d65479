import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { predict } from './booster.ts';
import { toXgboostJson } from './model-json.ts';
import { fromXgboostJson, UnreadableBooster } from './model-json-reader.ts';
import type { BoosterParameters } from './parameters.ts';
import { createRandom } from './random.ts';
import { trainBooster } from './train.ts';

const random = createRandom(11);
const rows = 300;
const columns = 3;
const data = Float32Array.from({ length: rows * columns }, () =>
  random() < 0.1 ? Number.NaN : random() * 40 - 20,
);
const target = Float32Array.from(
  { length: rows },
  (_, row) => 250 + (data[row * columns] || 0) ** 2 + random(),
);

const train = (parameters: Partial<BoosterParameters>) =>
  trainBooster({ data, rows, columns }, target, { rounds: 10, maxDepth: 4, subsample: 0.9, ...parameters });

const written = (parameters: Partial<BoosterParameters> = {}) => JSON.parse(toXgboostJson(train(parameters)));

/** A Python that has the real library: `PYTHON`, or the one on the path. */
const python = process.env['PYTHON'] ?? 'python3';
const hasXgboost = spawnSync(python, ['-c', 'import xgboost, numpy']).status === 0;

const PREDICT = `
import json, sys, numpy, xgboost
folder, rows, columns = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
booster = xgboost.Booster(model_file=folder + '/model.json')
features = numpy.fromfile(folder + '/features.f32', dtype='float32').reshape(rows, columns)
print(json.dumps([float(p) for p in booster.predict(xgboost.DMatrix(features))]))
`;

const OBJECTIVES = [
  { name: 'squared-error' },
  { name: 'absolute-error' },
  { name: 'quantile-error', alpha: 0.3 },
] as const;

describe('XGBoost JSON', () => {
  it.each(OBJECTIVES)('reads back what it wrote, $name', (objective) => {
    const booster = train({ objective });
    expect(fromXgboostJson(toXgboostJson(booster))).toEqual(booster);
  });

  it.runIf(hasXgboost).each(OBJECTIVES)('predicts the same in the real library, $name', (objective) => {
    const folder = mkdtempSync(join(tmpdir(), 'booster-'));
    try {
      const booster = train({ objective });
      writeFileSync(join(folder, 'model.json'), toXgboostJson(booster));
      writeFileSync(join(folder, 'features.f32'), data);
      const theirs = JSON.parse(
        execFileSync(python, ['-c', PREDICT, folder, String(rows), String(columns)], { encoding: 'utf8' }),
      ) as readonly number[];
      predict(booster, data, rows, columns).forEach((value, row) => {
        expect(Math.abs(value - (theirs[row] ?? Number.NaN))).toBeLessThan(1e-5 * Math.abs(value));
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses text that is no JSON', () => {
    expect(() => fromXgboostJson('binf')).toThrow('not JSON');
  });

  it.each([
    ['no object', () => null, 'no XGBoost model: /'],
    ['another booster', () => ({ learner: { gradient_booster: { name: 'gblinear' } } }), 'no XGBoost model'],
    [
      'a child that does not exist',
      () => edited((tree) => (tree.left_children[0] = 999)),
      'children 999 and',
    ],
    ['a tree that is a ring', () => edited((tree) => (tree.right_children[0] = 0)), 'has children'],
    [
      'a feature that does not exist',
      () => edited((tree) => (tree.split_indices[0] = 77)),
      'reads feature 77 of 3',
    ],
    ['arrays of different lengths', () => edited((tree) => tree.split_indices.pop()), 'different lengths'],
    ['splits of categories', () => edited((tree) => tree.categories_nodes.push(0)), 'splits categories'],
    ['classes', () => objective('multi:softmax'), 'objective multi:softmax is not supported'],
    ['several quantiles', () => severalQuantiles(), 'quantile_alpha is [0.1, 0.9], not one number'],
  ])('refuses %s', (_, json, message) => {
    expect(() => fromXgboostJson(JSON.stringify(json()))).toThrow(UnreadableBooster);
    expect(() => fromXgboostJson(JSON.stringify(json()))).toThrow(message);
  });
});

const edited = (
  edit: (
    tree: Record<string, number[]> & {
      left_children: number[];
      right_children: number[];
      split_indices: number[];
      categories_nodes: number[];
    },
  ) => unknown,
) => {
  const json = written();
  edit(json.learner.gradient_booster.model.trees[0]);
  return json;
};

const objective = (name: string) => {
  const json = written();
  json.learner.objective.name = name;
  return json;
};

const severalQuantiles = () => {
  const json = written({ objective: { name: 'quantile-error', alpha: 0.3 } });
  json.learner.objective.quantile_loss_param.quantile_alpha = '[0.1, 0.9]';
  return json;
};
