import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  registerSite,
  type ServerUnderTest,
  startServer,
} from '../../../test/http/server-under-test.ts';

let server: ServerUnderTest;
let token: string;

const HOUR_MS = 3_600_000;
const HEADER = 'timestamp_utc,load_kw,battery_kw,pv_kw,temperature_c,max15_kw';
const hour = (index: number) => new Date(Date.UTC(2026, 0, 5) + index * HOUR_MS).toISOString();
const nextHour = () =>
  new Date(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS + 1).toISOString().replace(/\d{3}Z$/, '000Z');

const json = (readings: unknown, site = 'bess-1') =>
  server.call('POST', `/api/v1/telemetry/${site}`, { token, json: { readings } });
const csv = (lines: readonly string[], site = 'bess-1', header = HEADER) =>
  server.call('POST', `/api/v1/telemetry/${site}`, {
    token,
    raw: [header, ...lines].join('\n'),
    headers: { 'content-type': 'text/csv; charset=utf-8' },
  });
const read = (query: string, site = 'bess-1') =>
  server.call('GET', `/api/v1/telemetry/${site}?${query}`, { token });
const readingsOf = ({ body }: Answer) => (body as { readings: unknown[] }).readings;

describe('readings over HTTP', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    for (const id of ['bess-1', 'bess-2', 'bess-3', 'bess-4']) await registerSite(server, id);
  });
  afterAll(() => server.close());

  it('stores JSON and gives it back', async () => {
    const written = await json([
      { hour: hour(1), loadKw: 2.5, batteryKw: -1, pvKw: 0, temperatureC: 21.5, max15Kw: 3 },
      { hour: hour(0), loadKw: 1.5 },
    ]);
    expect(written.body).toEqual({
      systemId: 'bess-1',
      readings: 2,
      changed: 2,
      firstHour: hour(0),
      lastHour: hour(1),
    });
    const { body } = await read(`from=${hour(0)}&to=${hour(5)}`);
    expect(body).toEqual({
      systemId: 'bess-1',
      from: hour(0),
      to: hour(5),
      extent: { first: hour(0), last: hour(1) },
      readings: [
        { hour: hour(0), loadKw: 1.5 },
        { hour: hour(1), loadKw: 2.5, batteryKw: -1, pvKw: 0, temperatureC: 21.5, max15Kw: 3 },
      ],
    });
  });

  it('stores a table with empty cells, in any order of columns, and repeats harmlessly', async () => {
    const lines = [`1.25,${hour(0)},`, `-3e2,${hour(1).replace('T', ' ')},20`];
    const first = await csv(lines, 'bess-2', '\ufeffload_kw,Timestamp_UTC,temperature_c');
    expect(first.body).toMatchObject({ readings: 2, changed: 2 });
    const again = await csv(lines, 'bess-2', 'load_kw,timestamp_utc,temperature_c');
    expect(again.body).toMatchObject({ readings: 2, changed: 0 });
    expect(readingsOf(await read(`from=${hour(0)}&to=${hour(5)}`, 'bess-2'))).toEqual([
      { hour: hour(0), loadKw: 1.25 },
      { hour: hour(1), loadKw: -300, temperatureC: 20 },
    ]);
  });

  it('keeps prices, which may be told before their hours come, and nothing else of those', async () => {
    const header = 'timestamp_utc,load_kw,price_brl_mwh';
    const rows = [`${hour(0)},1.25,61.07`, `${nextHour()},,301.5`];
    expect((await csv(rows, 'bess-4', header)).body).toMatchObject({ readings: 2 });
    expect(readingsOf(await read(`from=${hour(0)}&to=${hour(1)}`, 'bess-4'))).toMatchObject([
      { hour: hour(0), loadKw: 1.25, priceBrlMwh: 61.07 },
    ]);
    expect((await csv([`${nextHour()},1,301.5`], 'bess-4', header)).status).toBe(422);
    expect((await csv([`${hour(0)},1,1e9`], 'bess-4', header)).status).toBe(422);
  });

  it.each<readonly [string, () => Promise<Answer>, number, RegExp, number | undefined]>([
    [
      'a repeated hour',
      () =>
        json([
          { hour: hour(9), loadKw: 1 },
          { hour: hour(9), loadKw: 2 },
        ]),
      422,
      /row 2 repeats the hour of row 1/,
      2,
    ],
    [
      'an hour to come',
      () =>
        json([
          { hour: hour(9), loadKw: 1 },
          { hour: nextHour(), loadKw: 1 },
        ]),
      422,
      /row 2 lies in the future/,
      2,
    ],
    [
      'half past',
      () => json([{ hour: '2026-01-05T06:30:00Z', loadKw: 1 }]),
      422,
      /row 1 is not the beginning of an hour/,
      1,
    ],
    ['31 February', () => json([{ hour: '2026-02-31T06:00:00Z', loadKw: 1 }]), 422, /row 1 is no instant/, 1],
    [
      'the year 1926',
      () => json([{ hour: '1926-01-05T06:00:00Z', loadKw: 1 }]),
      422,
      /before the year 2000/,
      1,
    ],
    [
      'no value',
      () => json([{ hour: hour(9), loadKw: 1 }, { hour: hour(10) }]),
      422,
      /row 2 holds no value/,
      2,
    ],
    [
      'a text',
      () => json([{ hour: hour(9), loadKw: '1' }]),
      400,
      /readings\/0\/loadKw must be of type number/,
      1,
    ],
    ['null', () => json([{ hour: hour(9), loadKw: null }]), 400, /loadKw must be of type number/, 1],
    [
      'a local time',
      () => json([{ hour: '2026-01-05T06:00:00-03:00', loadKw: 1 }]),
      400,
      /hour must look like/,
      1,
    ],
    ['an absurd power', () => json([{ hour: hour(9), loadKw: 1e9 }]), 400, /at most/, 1],
    ['an unknown field', () => json([{ hour: hour(9), load_kw: 1 }]), 400, /unknown fields load_kw/, 1],
    ['no rows', () => json([]), 400, /at least 1/, undefined],
    [
      'NaN in a table',
      () => csv([`${hour(8)},1,,,,`, `${hour(9)},NaN,,,,`]),
      422,
      /row 2 is not a finite number/,
      2,
    ],
    ['a decimal comma', () => csv([`${hour(9)},"1,5",,,,`]), 422, /decimal point/, 1],
    ['a word in a table', () => csv([`${hour(9)},off,,,,`]), 422, /row 1 is not a finite number/, 1],
    ['infinity in a table', () => csv([`${hour(9)},1e999,,,,`]), 422, /row 1/, 1],
    ['no zone in a table', () => csv(['2026-01-05T06:00:00,1,,,,']), 422, /timestamp in UTC/, 1],
    [
      'a repeated hour in a table',
      () => csv([`${hour(9)},1,,,,`, `${hour(9)},2,,,,`]),
      422,
      /repeats the hour of row 1/,
      2,
    ],
    ['an hour to come in a table', () => csv([`${nextHour()},1,,,,`]), 422, /future/, 1],
    ['an empty line of cells', () => csv([`${hour(9)},,,,,`]), 422, /no value/, 1],
    ['a missing cell', () => csv([`${hour(9)},1`]), 400, /line 2/, undefined],
    ['an open quote', () => csv([`${hour(9)},"1,,,,`]), 400, /quotes/, undefined],
    [
      'an unknown column',
      () => csv([`${hour(9)},1`], 'bess-3', 'timestamp_utc,power'),
      400,
      /Unknown columns power/,
      undefined,
    ],
    [
      'a column twice',
      () => csv([`${hour(9)},1,1`], 'bess-3', 'timestamp_utc,load_kw,load_kw'),
      400,
      /twice/,
      undefined,
    ],
    ['no time column', () => csv(['1'], 'bess-3', 'load_kw'), 400, /timestamp_utc/, undefined],
    ['a header alone', () => csv([]), 400, /no rows/, undefined],
  ])('refuses %s and stores nothing', async (_what, write, status, detail, row) => {
    const before = await server.postgres.telemetry.extent('bess-1');
    const answer = await write();
    expect(answer.status, answer.text).toBe(status);
    expect(answer.body).toMatchObject({ detail: expect.stringMatching(detail) });
    if (row !== undefined) expect(answer.body).toMatchObject({ problems: [{ row }] });
    expect(await server.postgres.telemetry.extent('bess-1')).toEqual(before);
    expect(await server.postgres.telemetry.extent('bess-3')).toBeNull();
  });

  it('lists the first wrong rows and counts all', async () => {
    const answer = await csv(Array.from({ length: 500 }, (_, i) => `${hour(i)},x,,,,`));
    const { problems, problemCount } = answer.body as { problems: { row: number }[]; problemCount: number };
    expect(problems.map(({ row }) => row)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(problemCount).toBe(500);
  });

  it.each([
    ['days=0', 400, /at least 1/],
    ['days=5000', 400, /at most 366/],
    ['days=5&from=2026-01-01T00:00:00Z', 422, /either/],
    ['from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z', 422, /before to/],
    ['from=2020-01-01T00:00:00Z', 422, /at most 366/],
    ['from=2026-02-31T25:00:00Z', 422, /instant/],
    ['from=yesterday', 400, /from/],
  ])('refuses to read %s', async (query, status, detail) => {
    const answer = await read(query);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ detail: expect.stringMatching(detail) });
  });

  it('gives the current hour too when asked for the last days', async () => {
    const now = new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS).toISOString();
    await json([{ hour: now, loadKw: 7 }], 'bess-2');
    expect(readingsOf(await read('days=1', 'bess-2'))).toEqual([{ hour: now, loadKw: 7 }]);
  });

  it('gives back what any table held', async () => {
    const kw = fc.option(
      fc.double({ min: -1e7, max: 1e7, noNaN: true }).map((x) => (x === 0 ? 0 : x)),
      { nil: undefined },
    );
    const row = fc.record({ at: fc.integer({ min: 0, max: 5_000 }), loadKw: kw, pvKw: kw, max15Kw: kw });
    const table = fc.uniqueArray(row, { selector: ({ at }) => at, minLength: 1, maxLength: 30 });
    let site = 0;
    await fc.assert(
      fc.asyncProperty(table, async (rows) => {
        site += 1;
        const id = `any-${site}`;
        await registerSite(server, id);
        const kept = rows.filter(({ loadKw, pvKw, max15Kw }) => (loadKw ?? pvKw ?? max15Kw) !== undefined);
        fc.pre(kept.length > 0);
        const lines = kept.map(
          ({ at, loadKw, pvKw, max15Kw }) => `${hour(at)},${loadKw ?? ''},,${pvKw ?? ''},,${max15Kw ?? ''}`,
        );
        expect((await csv(lines, id)).status).toBe(200);
        const wanted = kept
          .sort((a, b) => a.at - b.at)
          .map(({ at, ...values }) => JSON.parse(JSON.stringify({ hour: hour(at), ...values })));
        expect(readingsOf(await read(`from=${hour(0)}&to=${hour(6_000)}`, id))).toEqual(wanted);
      }),
      { numRuns: 15 },
    );
  });
});
