import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, getPriority } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import pino from 'pino';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type TrainingProgress, TrainingRefused } from '../../ports/trainer.ts';
import { orderOf } from './fixtures/order.ts';
import { OrderFailed } from './run-order.ts';
import { createProcessTrainer } from './trainer.ts';

const entry = new URL('./fixtures/stub-child.ts', import.meta.url);
const logger = pino({ level: 'silent' });

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const trainer of open.splice(0)) await trainer.close();
});

const newTrainer = (memoryMb = 512) => {
  const trainer = createProcessTrainer({ entry, logger, memoryMb });
  open.push(trainer);
  return trainer;
};

const ignore = (): void => undefined;
const never = new AbortController().signal;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const isGone = (pid: number) =>
  vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 10_000, interval: 20 });

/** Starts a training and waits for its first sign of life, which names its process. */
const started = async (behaviour: string, signal = never, trainer = newTrainer()) => {
  const { promise: pid, resolve } = Promise.withResolvers<number>();
  const training = trainer.train(orderOf(behaviour), ({ model }) => resolve(Number(model)), signal);
  training.catch(ignore);
  return { pid: await pid, training };
};

describe('a training process', () => {
  it('answers with the result and its progress, and is gone afterwards', async () => {
    const seen: TrainingProgress[] = [];
    const result = await newTrainer().train(orderOf('answers'), (progress) => seen.push(progress), never);
    expect(result.artifact).toEqual(Uint8Array.of(2, 3, 4));
    expect(result.metrics.hours).toBe(336);
    expect(seen.map(({ share, loss }) => [share, loss])).toEqual([
      [0, 1],
      [0.5, 0.5],
      [1, 0],
    ]);
  });

  it('runs at lower priority, without the secrets of its parent', async () => {
    vi.stubEnv('SECRET', 'password');
    const { artifact } = await newTrainer().train(orderOf('tells-about-itself'), ignore, never);
    vi.unstubAllEnvs();
    const about = JSON.parse(new TextDecoder().decode(artifact));
    expect(about.priority).toBe(Math.max(constants.priority.PRIORITY_BELOW_NORMAL, getPriority()));
    expect(about.secret).toBeNull();
    await isGone(about.pid);
  });

  it('lets its parent work on while it computes', async () => {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const { pid, training } = await started('spins');
    delay.enable();
    let turns = 0;
    await vi.waitFor(
      () => {
        turns += 1;
        expect(turns).toBeGreaterThan(20);
      },
      { interval: 10 },
    );
    delay.disable();
    expect(isAlive(pid)).toBe(true);
    expect(delay.count).toBeGreaterThan(20);
    await open.pop()?.close();
    await expect(training).rejects.toThrow('closed');
  });
});

describe('ends badly', () => {
  it('refused: the same data would be refused again', async () => {
    const refusal = newTrainer().train(orderOf('refuses'), ignore, never);
    await expect(refusal).rejects.toThrow(TrainingRefused);
    await expect(refusal).rejects.toMatchObject({
      code: 'window-too-short',
      message: 'train on a longer window',
    });
  });

  it.each([
    ['throws', 'TypeError: a planted mistake', {}],
    ['exits', 'its process ended with exit code 7', { exitCode: 7, exitSignal: null }],
    ['aborts', 'its process ended with signal SIGABRT', { exitCode: null, exitSignal: 'SIGABRT' }],
    ['no-such', 'no behaviour no-such', {}],
  ])('%s: may be tried again, and says what happened', async (behaviour, message, ending) => {
    const failure = newTrainer().train(orderOf(behaviour), ignore, never);
    await expect(failure).rejects.toThrow(OrderFailed);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.toMatchObject({ systemId: 'bess-456', ...ending });
  });

  it.each(['fills-the-heap', 'fills-native-memory'])('%s: ended at its memory limit', async (behaviour) => {
    const failure = newTrainer(150).train(orderOf(behaviour), ignore, never);
    await expect(failure).rejects.toThrow(OrderFailed);
    await expect(failure).rejects.toThrow(/signal SIG(ABRT|KILL).*(MB, more than the 150 MB it may|heap)/s);
  });

  it('killed from outside: names the signal', async () => {
    const { pid, training } = await started('spins');
    process.kill(pid, 'SIGKILL');
    await expect(training).rejects.toMatchObject({ exitSignal: 'SIGKILL' });
  });

  it('an entry that does not exist', async () => {
    const trainer = createProcessTrainer({ entry: new URL('./nowhere.ts', import.meta.url), logger });
    await expect(trainer.train(orderOf('answers'), ignore, never)).rejects.toThrow(/exit code 1.*nowhere/s);
  });

  it('a listener that throws ends the training with that error', async () => {
    const training = newTrainer().train(
      orderOf('answers'),
      () => {
        throw new Error('full');
      },
      never,
    );
    await expect(training).rejects.toThrow('full');
  });
});

describe('cancelled', () => {
  it.each(['spins', 'waits'])(
    'while it %s: rejects with the reason once the process is gone',
    async (behaviour) => {
      const controller = new AbortController();
      const { pid, training } = await started(behaviour, controller.signal);
      controller.abort(new Error('cancelled by a person'));
      await expect(training).rejects.toThrow('cancelled by a person');
      expect(isAlive(pid)).toBe(false);
    },
  );

  it('before it starts: starts nothing', async () => {
    const training = newTrainer().train(orderOf('answers'), ignore, AbortSignal.abort(new Error('too late')));
    await expect(training).rejects.toThrow('too late');
  });

  it('by closing the trainer, which then takes no more', async () => {
    const trainer = newTrainer();
    const [first, second] = [await started('spins', never, trainer), await started('waits', never, trainer)];
    await trainer.close();
    expect([isAlive(first.pid), isAlive(second.pid)]).toEqual([false, false]);
    await expect(first.training).rejects.toThrow('closed');
    await expect(trainer.train(orderOf('answers'), ignore, never)).rejects.toThrow('closed');
  });
});

describe('never orphaned', () => {
  it.each(['spins', 'waits'])('a process that %s ends when its parent is killed', async (behaviour) => {
    const parent = spawn(
      process.execPath,
      [new URL('./fixtures/parent.ts', import.meta.url).pathname, behaviour],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await once(parent.stdout, 'data');
    const pid = Number(String(line));
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await isGone(pid);
  });
});
