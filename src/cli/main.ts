import { becomeDeviceProgram } from '../main/device-program.ts';
import { Cancelled, EXIT } from './failure.ts';
import { runProgram } from './program.ts';

/** The program `lifo4-ml`. */

const LEFTOVERS_MS = 2_000;

const stop = new AbortController();
process.on('SIGINT', () => {
  // A second Ctrl-C does not wait for anything.
  if (stop.signal.aborted) process.exit(EXIT.cancelled);
  stop.abort(new Cancelled());
});
// Whoever supervises may say it again and again until the program is gone: the first began its end.
process.on('SIGTERM', () => stop.abort(new Cancelled()));
// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failed),
);

const { stdout, stderr, env } = process;
const code = await runProgram(process.argv.slice(2), {
  ...{ stdout, stderr, env, signal: stop.signal },
  becomeDevice: becomeDeviceProgram,
});
process.exitCode = code;
// A connection that a server took and never answered cannot be closed by its client: it must not keep us alive.
setTimeout(() => process.exit(code), LEFTOVERS_MS).unref();
