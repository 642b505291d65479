import { runReplayIn } from './replayed-site.ts';

/** `replay-process.ts DATABASE FOLDER`: a replay whose second training never ends; it says so when that has begun. */

const [, , connectionString = '', folder = ''] = process.argv;
let trainings = 0;

await runReplayIn(
  { folder, connectionString },
  {
    ...{ from: '2026-05-17', days: 3 },
    wrapTrainer: (quick) => ({
      ...quick,
      train(...about) {
        trainings += 1;
        if (trainings === 1) return quick.train(...about);
        process.send?.('training');
        return new Promise(() => undefined);
      },
    }),
  },
);
