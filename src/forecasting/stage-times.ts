import { cpuWatch } from './cpu-watch.ts';
import type { TrainedMembers } from './train-members.ts';

/** Processor time of a stage of a job: of one model's fit, or of all else that the stage did. */
export interface StageTime {
  readonly stage: 'prepare' | 'fit' | 'backtest' | 'refit' | 'export' | 'parity';
  readonly model: string | null;
  readonly cpuSeconds: number;
}

const total = (seconds: readonly number[]): number => seconds.reduce((sum, one) => sum + one, 0);

/** Collects what the stages of a job took, those of models fitted in other processes included. */
export function createStageTimes() {
  const times: StageTime[] = [];
  return {
    times: times as readonly StageTime[],
    total: (): number => total(times.map(({ cpuSeconds }) => cpuSeconds)),
    async measure<Result>(stage: StageTime['stage'], work: () => Promise<Result> | Result): Promise<Result> {
      const watch = cpuWatch();
      const result = await work();
      times.push({ stage, model: null, cpuSeconds: watch.seconds() });
      return result;
    },
    async measureFits(stage: 'fit' | 'refit', train: () => Promise<TrainedMembers>): Promise<TrainedMembers> {
      const watch = cpuWatch();
      const trained = await train();
      const fits = Object.entries(trained.fitTimes);
      const here = fits.flatMap(([, { elsewhere, cpuSeconds }]) => (elsewhere ? [] : [cpuSeconds]));
      times.push(...fits.map(([model, { cpuSeconds }]) => ({ stage, model, cpuSeconds })));
      times.push({ stage, model: null, cpuSeconds: Math.max(0, watch.seconds() - total(here)) });
      return trained;
    },
  };
}
