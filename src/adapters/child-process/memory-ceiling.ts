import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const MEGABYTE = 2 ** 20;

/** Private memory of this process that may be written to, bytes; null where the system does not say. */
function dataBytes(): number | null {
  try {
    const line = /^VmData:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'));
    return line === null ? null : Number(line[1]) * 1024;
  } catch {
    return null;
  }
}

/** Where memory runs out all the same, this process is the one to go. */
function volunteer(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000');
  } catch {
    // Not a system that keeps such scores.
  }
}

/**
 * Lets this process allocate so many MB more and not a byte beyond: the kernel refuses, however fast they are asked
 * for. False where the system has no such limit (no `prlimit`); the watchdog of the process is the floor there.
 */
export function setMemoryCeiling(moreMb: number): boolean {
  volunteer();
  const used = dataBytes();
  if (used === null) return false;
  const limit = Math.ceil(used + moreMb * MEGABYTE);
  const { status } = spawnSync('prlimit', ['--pid', String(process.pid), `--data=${limit}`], {
    stdio: 'ignore',
  });
  return status === 0;
}
