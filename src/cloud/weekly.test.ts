import { describe, expect, it } from 'vitest';
import { nextWeeklySlot } from './weekly.ts';

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
