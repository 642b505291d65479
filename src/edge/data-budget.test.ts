import { describe, expect, it } from 'vitest';
import { createDataBudget } from './data-budget.ts';
import { createSendPace } from './send-pace.ts';

const HOUR = 3_600_000;

function setUp(used: number, month = '2026-03') {
  const settings = new Map<string, string>();
  const clock = { at: Date.parse('2026-03-20T12:00:00Z'), now: () => new Date(clock.at) };
  const store = {
    setting: (name: string) => settings.get(name) ?? null,
    saveSetting: (name: string, value: string) => void settings.set(name, value),
  };
  const use = { month, bytes: { models: used } };
  return { clock, budget: createDataBudget({ store, use: () => use, limitBytes: 1_000, siteClock: clock }) };
}

describe('data budget', () => {
  it('marks 80 % and all of the month’s data', () => {
    const levels = [0, 799, 800, 999, 1_000, 5_000].map((used) => setUp(used).budget.level());
    expect(levels).toEqual(['within', 'within', 'near', 'near', 'spent', 'spent']);
    expect(setUp(900).budget.hasRoom(100)).toBe(true);
    expect(setUp(900).budget.hasRoom(101)).toBe(false);
  });

  it('begins anew with the month', () => {
    expect(setUp(5_000, '2026-02').budget.status()).toMatchObject({
      ...{ month: '2026-03', bytes: {}, level: 'within' },
    });
  });

  it('lets a person lift it for a while, and shows what is used all the same', () => {
    const { budget, clock } = setUp(5_000);
    budget.override(2);
    expect(budget.level()).toBe('within');
    expect(budget.hasRoom(1e9)).toBe(true);
    const overriddenUntil = '2026-03-20T14:00:00.000Z';
    expect(budget.status()).toMatchObject({ level: 'spent', overriddenUntil });
    clock.at += 2 * HOUR;
    expect(budget.level()).toBe('spent');
    expect(budget.status().overriddenUntil).toBeNull();
  });
});

describe('send pace', () => {
  const kinds = ['journal', 'telemetry', 'forecast'] as const;

  it('lets all go at once while there is data', () => {
    const pace = createSendPace(() => 'within', { now: () => new Date(0) });
    for (const kind of [...kinds, ...kinds]) expect(pace.mayGo(kind)).toBe(true);
  });

  it.each([
    ['near', { journal: 8, telemetry: 8, forecast: 8 }],
    ['spent', { journal: 0, telemetry: 2, forecast: 0 }],
  ] as const)('sends batches in two days when data is %s', (level, batches) => {
    let now = 0;
    const pace = createSendPace(() => level, { now: () => new Date(now) });
    const batchesOf = (kind: (typeof kinds)[number]): number => {
      let begun = 0;
      for (now = 0; now < 48 * HOUR; now += HOUR / 2) begun += Number(pace.mayGo(kind));
      return begun;
    };
    const begun = Object.fromEntries(kinds.map((kind) => [kind, batchesOf(kind)]));
    expect(begun).toEqual(batches);
  });
});
