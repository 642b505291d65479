import { pino } from 'pino';
import { openDeviceStore } from '../../src/adapters/sqlite/device-store.ts';
import { createCrashGuard, ModelCrashes } from '../../src/edge/crash-guard.ts';

/**
 * `node process-in-use.ts STORE ASSIGNMENT`: uses a model that gets its process killed, as the kernel does when memory
 * runs out. Exit code 3 when the guard does not let it.
 */

const [, , file = '', assignment] = process.argv;
const guard = createCrashGuard({ store: openDeviceStore(file), logger: pino({ level: 'silent' }) });
try {
  await guard.run(Number(assignment), () => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise<never>(() => undefined);
  });
} catch (error) {
  if (!(error instanceof ModelCrashes)) throw error;
  process.exitCode = 3;
}
