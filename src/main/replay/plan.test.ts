import { describe, expect, it } from 'vitest';
import { createCalendar } from '../../forecasting/calendar/calendar.ts';
import { noSpecialDays } from '../../forecasting/calendar/special-days.ts';
import { parseFault, withFaults } from './faults.ts';
import { planReplay, type ReplayWishes } from './plan.ts';
import { parseSpeed } from './speed.ts';

const calendar = createCalendar({ zone: 'America/Sao_Paulo', days: noSpecialDays });
const local = (day: string): number => Date.parse(`${day}T03:00:00Z`);
const years = { from: local('2024-01-01'), to: local('2025-12-31') };

const plan = (wishes: Partial<ReplayWishes>, extent = years) =>
  planReplay({ inject: [], ...wishes }, extent, calendar);

describe('what is replayed', () => {
  it('is the last year when nothing is said', () => {
    expect(plan({})).toEqual({ from: local('2024-12-31'), until: local('2025-12-31'), inject: [] });
  });

  it('begins once there is enough to learn from', () => {
    const half = { from: local('2024-01-01'), to: local('2024-07-01') };
    expect(plan({}, half)).toMatchObject({ from: local('2024-04-30'), until: local('2024-07-01') });
    expect(plan({ days: 10 }, half)).toMatchObject({ from: local('2024-06-21'), until: local('2024-07-01') });
  });

  it('is what was named, its last day included', () => {
    expect(plan({ from: '2025-03-01', until: '2025-03-31' })).toMatchObject({
      ...{ from: local('2025-03-01'), until: local('2025-04-01') },
    });
    expect(plan({ from: '2025-03-01', days: 7 })).toMatchObject({ until: local('2025-03-08') });
  });

  it('is whole days: one that has begun at the end is left out', () => {
    const open = { ...years, to: years.to + 5 * 3_600_000 };
    expect(plan({}, open).until).toBe(local('2025-12-31'));
  });

  it.each<[string, Partial<ReplayWishes>, typeof years]>([
    ['--from', { from: '2025-02-30' }, years],
    ['--from', { from: '2024-01-15' }, years],
    ['--from', { from: '2025-05-01', until: '2025-04-01' }, years],
    ['--until', { until: '2026-01-05' }, years],
    ['--days', { until: '2025-01-05', days: 3 }, years],
    ['--csv', {}, { from: local('2024-01-01'), to: local('2024-02-01') }],
    ['--inject', { inject: ['level:2025-01-01'] }, years],
  ])('is refused by %s for %j', (setting, wishes, extent) => {
    expect(() => plan(wishes, extent)).toThrow(expect.objectContaining({ name: 'BadSetting', setting }));
  });
});

describe('a fault', () => {
  const reading = (hour: number) => ({ hour, loadKw: 100, max15Kw: 120, temperatureC: 20 });

  it('changes the level from a local day on, and not the weather', () => {
    const faults = [parseFault('level:2025-03-04:1.5', calendar)];
    const at = local('2025-03-04');
    expect(withFaults(reading(at - 3_600_000), faults, calendar)).toMatchObject({ loadKw: 100 });
    expect(withFaults(reading(at), faults, calendar)).toEqual({
      ...{ hour: at, loadKw: 150, max15Kw: 180, temperatureC: 20 },
    });
  });

  it('changes certain local hours, and several are laid one over the other', () => {
    const texts = ['hours:2025-03-04:13,14:2', 'level:2025-03-05:0.5'];
    const faults = texts.map((text) => parseFault(text, calendar));
    const loads = [12, 13, 14, 15, 37].map(
      (hours) => withFaults(reading(local('2025-03-04') + hours * 3_600_000), faults, calendar).loadKw,
    );
    expect(loads).toEqual([100, 200, 200, 100, 100]);
  });

  it.each([
    '',
    'level',
    'level:2025-02-30:2',
    'level:2025-02-03:0',
    'hours:2025-02-03:24:2',
    'hours:2025-02-03:1:-2',
  ])('is refused when it is %j', (text) => {
    expect(() => parseFault(text, calendar)).toThrow(expect.objectContaining({ setting: '--inject' }));
  });
});

describe('the speed', () => {
  it('is a number from 1 on, or max', () => {
    expect([parseSpeed('1'), parseSpeed('3600'), parseSpeed('max')]).toEqual([
      1,
      3_600,
      Number.POSITIVE_INFINITY,
    ]);
  });

  it.each(['', '0', '-5', 'fast', '1e3', 'Infinity', '0.5'])('is refused when it is %j', (text) => {
    expect(() => parseSpeed(text)).toThrow(expect.objectContaining({ setting: '--speed' }));
  });
});
