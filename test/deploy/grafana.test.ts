import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Panel, Query } from '../../deploy/grafana/code/dashboard.ts';
import { contentOf, fileOf, pages } from '../../deploy/grafana/code/pages.ts';
import { createPool } from '../../src/adapters/postgres/connect.ts';
import { grantRoles } from '../../src/adapters/postgres/roles.ts';
import { createTestDatabase, type TestDatabase } from '../services/postgres.ts';
import { compose } from './compose-file.ts';
import { list, readYaml } from './files.ts';
import { SITE, tellFleetStory } from './fleet-story.ts';

const panels = pages.flatMap(({ rows }) => rows.flatMap((row) => row.panels));
const sqlOf = (query: Query): readonly string[] => (query.kind === 'sql' ? [query.sql] : []);

/** As Grafana puts a time range and a choice in their places. */
const filledIn = (sql: string): string =>
  sql
    .replaceAll(
      /\$__timeFilter\((?<column>[^)]+)\)/g,
      "$<column> BETWEEN '2026-01-01T00:00:00Z' AND '2099-01-01T00:00:00Z'",
    )
    .replaceAll(`\${site:sqlstring}`, `'${SITE}'`);

interface Area {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}
const cellsOf = ({ x, y, w, h }: Area): readonly string[] =>
  Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`);

const at = (text: string): Date => new Date(text);
const MIDNIGHT = at('2026-01-12T03:00:00Z');
const TOLD = at('2026-01-10T12:00:00Z');
const TOLD_DAY = at('2026-01-10T00:00:00Z');
/** 23 hours of 10 kW too much and one of 15 kW too little. */
const MAPE = (100 * (23 * 0.1 + 15 / 125)) / 24;
const RMSE = Math.sqrt((23 * 10 ** 2 + 15 ** 2) / 24);
const COVERED = (100 * 23) / 24;
const close = (value: number) => expect.closeTo(value, 4);

const byModel = (device: number, linear: number) => [
  { time: MIDNIGHT, metric: 'device', value: close(device) },
  { time: MIDNIGHT, metric: 'linear', value: close(linear) },
];

/** What each panel shows of the story, by its title: one list of rows for each query, or the first rows of it. */
const EXPECTED: Readonly<Record<string, readonly unknown[]>> = {
  'Daily MAPE of all sites': [
    [{ time: at('2026-01-12T00:00:00Z'), median: close(MAPE), '90th percentile': close(MAPE) }],
  ],
  'Sites with the largest errors': [
    [
      {
        ...{ site: SITE, days: '1', 'MAPE %': MAPE.toFixed(1), 'RMSE kW': RMSE.toFixed(1) },
        ...{ 'inside the band %': COVERED.toFixed(1), version: '1.0.0' },
      },
    ],
  ],
  'Open alerts by rule': [[{ rule: 'daily-mape', open: '1' }]],
  'Alerts by day': [[{ time: TOLD_DAY, metric: 'daily-mape', value: '1' }]],
  Alerts: [
    [
      {
        ...{ opened: TOLD, site: SITE, rule: 'daily-mape', status: 'open', 'retrain job': null },
        advice: 'check-load-profile, retrain-on-recent-data',
      },
    ],
  ],
  'Daily MAPE': [byModel(MAPE, (100 * 25) / 125 / 24)],
  'Daily RMSE': [byModel(RMSE, 25 / Math.sqrt(24))],
  'Hours inside the 90 % band': [byModel(COVERED, 100)],
  'Forecast at midnight against actual load': [
    Array.from({ length: 24 }, (_, n) => ({
      time: new Date(MIDNIGHT.getTime() + n * 3_600_000),
      ...{ forecast: 110, lower: 100, upper: 120, actual: n === 3 ? 125 : 100 },
    })),
  ],
  'Latest forecast': [
    Array.from({ length: 48 }, (_, n) => ({
      time: new Date(MIDNIGHT.getTime() + n * 3_600_000),
      ...{ forecast: 110, lower: 100, upper: 120 },
    })),
  ],
  'Error by local hour': [
    Array.from({ length: 24 }, (_, n) => ({
      hour: String(n).padStart(2, '0'),
      'error %': close(n === 3 ? 12 : 10),
    })),
  ],
  'Error by lead time': [
    Array.from({ length: 24 }, (_, n) => ({
      lead: String(n + 1).padStart(2, '0'),
      'mean absolute error': close(n === 3 ? 15 : 10),
    })),
  ],
  Weights: [
    ['linear', 'linear', 'lstm', 'lstm', 'xgboost', 'xgboost'].map((metric) => ({
      ...{ time: TOLD, metric, value: { linear: 0.75, xgboost: 0.25, lstm: 0 }[metric] },
    })),
  ],
  'MAPE in the backtest': [
    ['linear', 'linear', 'xgboost', 'xgboost'].map((metric) => ({
      ...{ time: TOLD, metric, value: close(metric === 'linear' ? 3.8 : 5) },
    })),
    [
      { time: TOLD, judged: close(3.8) },
      { time: TOLD, judged: close(3.8) },
    ],
  ],
  'Versions and decisions': [
    expect.arrayContaining([
      expect.objectContaining({
        version: '1.0.0',
        decision: 'deployed',
        reason: null,
        'error %': close(3.8),
      }),
      expect.objectContaining({ version: '1.1.0', decision: 'kept', reason: 'not-better-than-champion' }),
    ]),
  ],
  'Accuracy in service by version': [
    [expect.objectContaining({ version: '1.0.0', model: 'ensemble', days: '1', 'MAPE %': MAPE.toFixed(2) })],
  ],
  'Jobs by day': [
    ['deployed', 'failed', 'kept', 'pending'].map((metric) => ({ time: TOLD_DAY, metric, value: '1' })),
  ],
  'Jobs under way': [[{ status: 'pending', jobs: '1' }]],
  'Training time by stage': [
    [
      { stage: 'fit', seconds: 8 },
      { stage: 'prepare', seconds: 2 },
    ],
  ],
  'Fitting time by model': [
    [
      { time: expect.any(Date), metric: 'linear', value: 3 },
      { time: expect.any(Date), metric: 'xgboost', value: 5 },
    ],
  ],
  'Jobs that failed or were kept': [
    expect.arrayContaining([
      expect.objectContaining({
        site: SITE,
        status: 'kept',
        version: '1.1.0',
        reason: 'not-better-than-champion',
      }),
      expect.objectContaining({
        site: SITE,
        status: 'failed',
        'asked by': 'manual',
        reason: 'a gap of 40 hours',
      }),
    ]),
  ],
  'Deployments by day': [['offered', 'rolledback'].map((metric) => ({ time: TOLD_DAY, metric, value: '1' }))],
  'Blast radius': [[{ tenant: 'acme', ended: '1', failed: '1' }]],
  'Sites that do not run what they should': [
    [{ site: SITE, desired: '1.1.0', running: null, attempt: 'offered', reason: null }],
  ],
};

describe('the dashboards', () => {
  it('are in the files what the code makes: run "npm run dashboards" after a change', async () => {
    for (const page of pages) expect(await readFile(fileOf(page), 'utf8'), page.title).toBe(contentOf(page));
  });

  it('have panels with a name of their own, inside the grid, that do not overlap', () => {
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
    for (const page of pages) {
      const { panels: models } = JSON.parse(contentOf(page)) as { panels: readonly { gridPos: Area }[] };
      const cells = models.flatMap(({ gridPos }) => cellsOf(gridPos));
      expect(new Set(cells).size, page.title).toBe(cells.length);
      for (const { gridPos } of models) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });

  it('ask data sources that are provisioned, from folders that are mounted', async () => {
    const [sources] = await readYaml('deploy', 'grafana', 'provisioning', 'datasources', 'lifo4.yaml');
    const known = list(sources?.['datasources']).map(({ uid, type }) => ({ uid, type }));
    const asked = pages.flatMap((page) =>
      [...contentOf(page).matchAll(/"datasource": (\{[^}]+\})/g)].map(([, text = '']) => JSON.parse(text)),
    );
    for (const source of asked) expect(known).toContainEqual(source);
    const [providers] = await readYaml('deploy', 'grafana', 'provisioning', 'dashboards', 'lifo4.yaml');
    const mounts = list(compose['services']?.['grafana']?.['volumes']).map(
      (mount) => String(mount).split(':')[1],
    );
    for (const { options } of list(providers?.['providers']))
      expect(mounts).toContain(String(options?.['path']));
  });
});

describe('each panel that asks the database', () => {
  let database: TestDatabase;
  let reader: pg.Pool;
  const role = `charts_${randomBytes(6).toString('hex')}`;
  const roles = { writer: `${role}_w`, reader: `${role}_r` };

  const asOwner = async (...statements: readonly string[]) => {
    const client = new pg.Client({ connectionString: database.connectionString });
    await client.connect();
    for (const statement of statements) await client.query(statement);
    await client.end();
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    const { connectionString } = database;
    await tellFleetStory(connectionString);
    const logger = pino({ level: 'silent' });
    const owner = createPool({ connectionString, logger, maxConnections: 1 });
    await grantRoles(owner, roles);
    await owner.end();
    await asOwner(`create role ${role} login password 'secret' in role ${roles.reader}`);
    const url = new URL(connectionString);
    url.username = role;
    url.password = 'secret';
    reader = createPool({ connectionString: url.href, logger, maxConnections: 2 });
  });
  afterAll(async () => {
    await reader.end();
    await asOwner(
      ...[role, roles.reader, roles.writer].flatMap((name) => [`drop owned by ${name}`, `drop role ${name}`]),
    );
    await database.drop();
  });

  const asking = panels.filter(({ queries }) => queries.some(({ kind }) => kind === 'sql'));

  it.each(asking.map((panel): [string, Panel] => [panel.title, panel]))(
    'shows the story: %s',
    async (title, panel) => {
      const answers: unknown[] = [];
      for (const sql of panel.queries.flatMap(sqlOf)) answers.push((await reader.query(filledIn(sql))).rows);
      expect(answers).toEqual(EXPECTED[title]);
    },
  );

  it('offers the sites to choose from', async () => {
    for (const { sql } of pages.flatMap(({ choices }) => choices))
      expect((await reader.query(sql)).rows).toEqual([{ key: SITE }]);
  });
});
