import pino from 'pino';
import { expect, it, vi } from 'vitest';
import type { ScoreCopies } from '../ports/score-copies.ts';
import type { DayScore } from '../ports/scores.ts';
import { copyScores } from './score-copier.ts';

const day = (name: string): DayScore => ({
  ...{ systemId: 'bess-1', model: 'device', day: name, issuedAt: `${name}T03:00:00Z`, modelType: 'ensemble' },
  ...{ version: '1.0.0', forecastKw: [], lowerKw: [], upperKw: [], actualKw: [], hours: 24 },
  ...{ excludedHours: 0, suspectHours: 0, mape: 0.05, wape: 0.05, rmse: 10, coverage: 0.9 },
});

it('gives a target that is away the same days again until it has them, then those that follow', async () => {
  const changed = [['2026-01-05', '2026-01-06'], ['2026-01-07']];
  let done = 0;
  const copies: ScoreCopies = {
    next: async () => {
      const days = changed[done];
      return days === undefined ? null : { days: days.map(day), upTo: String(done + 1) };
    },
    copied: async (_target, upTo) => {
      done = Number(upTo);
    },
  };
  const tried: string[] = [];
  const target = {
    name: 'charts',
    save: async (days: readonly DayScore[]) => {
      tried.push(days.map((each) => each.day).join(' '));
      if (tried.length < 3) throw new Error('away');
    },
  };
  const rounds = copyScores({ copies, target, logger: pino({ level: 'silent' }), lookMs: 1 });
  try {
    await vi.waitFor(() => expect(done).toBe(2));
  } finally {
    await rounds.stop();
  }
  const first = '2026-01-05 2026-01-06';
  expect(tried).toEqual([first, first, first, '2026-01-07']);
});
