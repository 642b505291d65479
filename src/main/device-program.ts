import { existsSync } from 'node:fs';
import { join } from 'node:path';

/**
 * How a device's program is run in little memory: bundled, and with a small heap that is cleaned often. What is run
 * once an hour does not repay compilers: the optimising ones take 5 MB, the quick one of JavaScript 3 MB, and the
 * optimising one of WebAssembly, in which Node's `fetch` reads HTTP, 4 MB. A forecast takes 0.1 ms longer for it.
 */

const BUNDLE = join(import.meta.dirname, '..', '..', 'dist', 'edge', 'edge.js');

/** Options of Node for a device. */
export const DEVICE_NODE_OPTIONS: readonly string[] = [
  '--max-old-space-size=48',
  '--max-semi-space-size=1',
  '--optimize-for-size',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--liftoff-only',
  '--wasm-lazy-compilation',
  // The MQTT client reads addresses as it always did; a device's log is for what its people can mend.
  '--disable-warning=DEP0169',
];

/** Its environment: one pool of native memory for all threads: each further one keeps what it once had. */
export const DEVICE_ENVIRONMENT: Readonly<Record<string, string>> = {
  MALLOC_ARENA_MAX: '1',
  UV_THREADPOOL_SIZE: '2',
};

interface DeviceProgram {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The bundled program for a settings file; null where it was not built (`npm run build:edge`). */
export function deviceProgram(settings: string): DeviceProgram | null {
  if (!existsSync(BUNDLE)) return null;
  return {
    file: process.execPath,
    args: [...DEVICE_NODE_OPTIONS, BUNDLE, settings],
    env: DEVICE_ENVIRONMENT,
  };
}

/** Goes on as the bundled program, in this very process; returns where there is none, or none can be put in its place. */
export function becomeDeviceProgram(settings: string): void {
  const program = deviceProgram(settings);
  if (program === null || process.execve === undefined || process.platform === 'win32') return;
  const { file, args, env } = program;
  process.execve(file, [file, ...args], { ...process.env, ...env });
}
