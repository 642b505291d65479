import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { pages } from '../../deploy/grafana/code/pages.ts';
import { createLogger } from '../../src/main/logging.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld } from './world.ts';

/** What is told of one job from the request to the device's answer. */

const SITE = 'bess-watched';
const PATIENCE = { timeout: 20_000, interval: 50 } as const;
let world: E2eWorld;
let scraped: readonly string[];
const logged: string[] = [];
let secrets: readonly string[];

beforeAll(async () => {
  const logger = createLogger({ level: 'trace' }, { write: (line) => void logged.push(line) });
  world = await createWorld({ wrapTrainer: () => createQuickTrainer(), logger });
  await world.addSite(SITE);
  const device = await world.addDevice(SITE);
  secrets = [world.token, device.secret, new URL(world.config.database.url ?? '').password];
  await world.startDevice(SITE, device);
  await world.jobReaches(await world.retrain(SITE), 'acked');
  // Lists follow the log at a small distance, and what counts them remembers for a while.
  for (const list of ['training-jobs?status=acked', 'deployments?status=active'])
    await vi.waitFor(
      async () => expect((await world.call('GET', `/ml/${list}`))['items']).toHaveLength(1),
      PATIENCE,
    );
  // Refused, with a secret in the request.
  await fetch(`${world.cloud.url}/api/v1/systems?token=${world.token}`, {
    headers: { authorization: `Bearer ${world.token}x` },
  });
  scraped = (await (await fetch(`${world.cloud.url}/metrics`)).text()).split('\n');
}, 120_000);

afterAll(() => world.close());

/** The value of one series, by its name and labels as they are written. */
function figure(series: string): number {
  const line = scraped.find((each) => each.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length + 1));
}

/** Name, type and help of every metric, in the order of their names. */
function described(): readonly (readonly [string, string, string])[] {
  const types = new Map(
    scraped.flatMap((line) =>
      [...line.matchAll(/^# TYPE (\S+) (\S+)$/g)].map(([, a = '', b = '']) => [a, b] as const),
    ),
  );
  const helps = scraped.flatMap((line) => [...line.matchAll(/^# HELP (\S+) (.+)$/g)]);
  return helps
    .map(([, name = '', help = '']) => [name, types.get(name) ?? '', help] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A table in Markdown with columns as wide as they must be; the first row is its head. */
function aligned(cells: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...rest] = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`,
  );
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest];
}

describe('/metrics', () => {
  it('counts what all nodes share by state', () => {
    expect(figure('lifo4_jobs{state="acked"}')).toBe(1);
    expect(figure('lifo4_jobs{state="pending"}')).toBe(0);
    expect(figure('lifo4_deployments{state="active"}')).toBe(1);
    expect(figure('lifo4_alerts{state="open"}')).toBe(0);
    const sites = ['yes', 'no'].map((forecast) =>
      figure(`lifo4_sites{class="no-contract",forecast="${forecast}"}`),
    );
    expect(sites.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(figure('lifo4_feed_lag_facts{reader="jobs"}')).toBeLessThan(50);
    expect(figure('lifo4_oldest_transaction_seconds')).toBeLessThan(60);
  });

  it('tells how long effects, trainings and the device took', () => {
    expect(figure('lifo4_effect_runs_total{type="judge-model",outcome="done"}')).toBe(1);
    expect(figure('lifo4_effect_seconds_count{type="judge-model"}')).toBe(1);
    expect(figure('lifo4_effect_wait_seconds_count{type="judge-model"}')).toBe(1);
    expect(figure('lifo4_training_cpu_seconds_sum{stage="export",model=""}')).toBe(0.25);
    expect(figure('lifo4_ack_seconds_count{status="active"}')).toBe(1);
    expect(figure('lifo4_ack_seconds_count{status="rejected"}')).toBe(0);
    expect(figure('lifo4_uplink_accepted_total{kind="ack"}')).toBeGreaterThanOrEqual(1);
    expect(figure('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
    expect(figure('lifo4_trace_spans_total{outcome="sent"}')).toBe(0);
  });

  it('names no site, device or job, so that the number of series does not grow with the fleet', () => {
    const labels = new Set(
      scraped.flatMap((line) => [...line.matchAll(/[{,](\w+)="/g)].map(([, name]) => name)),
    );
    for (const name of ['site', 'system_id', 'device', 'job', 'tenant', 'key', 'stream'])
      expect([...labels]).not.toContain(name);
    expect(scraped.filter((line) => line.includes(SITE))).toEqual([]);
  });

  it('has all that the dashboards ask for', () => {
    const names = described().map(([name]) => name);
    const asked = pages
      .flatMap(({ rows }) => rows.flatMap(({ panels }) => panels.flatMap(({ queries }) => queries)))
      .flatMap((query) =>
        query.kind === 'promql' ? (query.expr.match(/\b(lifo4|http|nodejs)_\w+/g) ?? []) : [],
      );
    expect(asked.length).toBeGreaterThan(10);
    for (const name of asked) expect(names).toContain(name.replace(/_bucket$/, ''));
  });

  it('is what docs/metrics.md says', async () => {
    const own = described().filter(([name]) => /^(lifo4|http)_/.test(name));
    const table = aligned([['metric', 'type', 'meaning'], ...own]);
    const text = [
      '# Metrics',
      '',
      'What `/metrics` of a cloud node tells beside the figures of Node itself. A test writes this page:',
      '`vitest run test/e2e/observability.test.ts --update`. [observability.md](observability.md) says how to use them.',
      '',
      ...table,
      '',
    ].join('\n');
    await expect(text).toMatchFileSnapshot('../../docs/metrics.md');
  });
});

describe('the log of the whole loop', () => {
  it('has no token, password or secret of a device in it', () => {
    expect(logged.length).toBeGreaterThan(3);
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThanOrEqual(8);
      expect(logged.filter((line) => line.includes(secret))).toEqual([]);
    }
  });
});
