import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiDocument } from '../../src/main/api-document.ts';
import { documents, ROOT } from './markdown.ts';

interface Operations {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

let operations: readonly { readonly method: string; readonly path: RegExp }[];

beforeAll(async () => {
  const { paths } = (await apiDocument('documents')) as Operations;
  operations = Object.entries(paths).flatMap(([template, methods]) => {
    const path = new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
    return Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path }));
  });
});

const METRIC = /\blifo4_[a-z_]+_(?:total|seconds|bytes|stopped|changes|open)\b/g;

describe('what documents say of the service', () => {
  it('names calls that the API has', () => {
    const calls = documents().flatMap(({ path, text }) =>
      [...text.matchAll(/\b(GET|POST|PUT|DELETE)\s+(\/api\/v1\/[^\s`?"]+)/g)].map(
        ([, method = '', address = '']) => ({ document: path, method, address }),
      ),
    );
    const unknown = calls.filter(
      ({ method, address }) => !operations.some((one) => one.method === method && one.path.test(address)),
    );
    expect(calls.length).toBeGreaterThan(40);
    expect(unknown).toEqual([]);
  });

  it('names figures that /metrics tells', () => {
    const told = readFileSync(join(ROOT, 'docs', 'metrics.md'), 'utf8');
    const named = documents().flatMap(({ text }) => text.match(METRIC) ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !told.includes(`| ${name} `))).toEqual([]);
  });
});
