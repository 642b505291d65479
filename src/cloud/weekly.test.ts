import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { followingSlot, nextWeeklySlot, sameWeeklySlot, startOfSlot } from './weekly.ts';

const slot = (zone: string, after: string) => nextWeeklySlot(zone, new Date(after)).toISOString();

describe('weekly slot', () => {
  it.each([
    ['America/Sao_Paulo', '2026-10-15T12:00:00Z', '2026-10-19T06:00:00.000Z'],
    ['America/Manaus', '2026-10-15T12:00:00Z', '2026-10-19T07:00:00.000Z'],
    ['America/Cuiaba', '2026-10-15T12:00:00Z', '2026-10-19T07:00:00.000Z'],
    ['America/Rio_Branco', '2026-10-15T12:00:00Z', '2026-10-19T08:00:00.000Z'],
    ['America/Noronha', '2026-10-15T12:00:00Z', '2026-10-19T05:00:00.000Z'],
  ])('in %s is Monday 03:00 of the zone', (zone, after, expected) => {
    expect(slot(zone, after)).toBe(expected);
  });

  it('comes strictly after the slot that has just begun', () => {
    expect(slot('America/Sao_Paulo', '2026-10-19T06:00:00Z')).toBe('2026-10-26T06:00:00.000Z');
  });

  it('follows the clock changes of a zone that has them', () => {
    expect(slot('Europe/London', '2026-10-20T00:00:00Z')).toBe('2026-10-26T03:00:00.000Z');
    expect(slot('Europe/London', '2026-03-24T00:00:00Z')).toBe('2026-03-30T02:00:00.000Z');
  });

  it('refuses a zone that does not exist', () => {
    expect(() => slot('America/Atlantis', '2026-10-15T12:00:00Z')).toThrow();
  });
});

/** The Monday, in the zone, that the slot belongs to. */
const localDate = (slot: Date, zone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(slot);

describe('slot after slot', () => {
  it.each([
    'America/Sao_Paulo',
    'Europe/London',
    'America/Santiago',
    'Africa/Cairo',
    'Asia/Tehran',
    'America/Noronha',
  ])('in %s there is one each week, whatever the clocks do', (zone) => {
    let slot = nextWeeklySlot(zone, new Date('2017-01-01T00:00:00Z'));
    for (let week = 0; week < 600; week += 1) {
      const next = followingSlot(zone, slot, slot);
      const days = (Date.parse(localDate(next, zone)) - Date.parse(localDate(slot, zone))) / 86_400_000;
      expect(days).toBe(7);
      slot = next;
    }
  });

  it('a zone that changes moves the week’s slot, and neither repeats nor skips one', () => {
    const zones = ['America/Sao_Paulo', 'America/Manaus', 'America/Rio_Branco', 'America/Noronha'] as const;
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...zones), { minLength: 2, maxLength: 30 }), (changes) => {
        let planned = nextWeeklySlot('America/Sao_Paulo', new Date('2026-10-15T12:00:00Z'));
        const weeks = changes.map((zone) => {
          const slot = sameWeeklySlot(zone, planned);
          planned = followingSlot(zone, slot, slot);
          return slot;
        });
        const mondays = weeks.map((slot, i) => Date.parse(localDate(slot, changes[i] ?? 'UTC')));
        const between = mondays.slice(1).map((monday, i) => monday - (mondays[i] ?? 0));
        expect(between.every((ms) => ms === 7 * 86_400_000)).toBe(true);
      }),
    );
  });

  it('after weeks of downtime one slot stands for all that were missed', () => {
    const slot = new Date('2026-10-19T06:00:00Z');
    const now = new Date('2026-11-11T10:00:00Z');
    expect(followingSlot('America/Sao_Paulo', slot, now).toISOString()).toBe('2026-11-16T06:00:00.000Z');
  });

  it('sites begin within the window, each always at the same time of it, and not all at once', () => {
    const slot = new Date('2026-10-19T06:00:00Z');
    const window = 3 * 3_600_000;
    const starts = Array.from({ length: 500 }, (_, i) => startOfSlot(`site-${i}`, slot, window).getTime());
    expect(starts.every((at) => at >= slot.getTime() && at < slot.getTime() + window)).toBe(true);
    expect(new Set(starts).size).toBeGreaterThan(450);
    expect(startOfSlot('site-7', slot, window)).toEqual(startOfSlot('site-7', slot, window));
    expect(startOfSlot('site-7', slot, 0)).toEqual(slot);
  });
});
