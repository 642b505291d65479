import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

export interface Ceilings {
  readonly moreMb: number;
  readonly moreSeconds: number;
}

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
 * Lets this process allocate so many MB and compute so many seconds more, and not a bit beyond: the kernel refuses
 * the memory, however fast it is asked for, and ends the process that computes on. Processor time, since a busy
 * machine is not the model's fault. False where the system has no such limits (no `prlimit`).
 */
export function setCeilings({ moreMb, moreSeconds }: Ceilings): boolean {
  volunteer();
  const used = dataBytes();
  if (used === null) return false;
  const { user, system } = process.cpuUsage();
  const data = Math.ceil(used + moreMb * MEGABYTE);
  const cpu = Math.ceil((user + system) / 1e6 + moreSeconds);
  const limits = ['--pid', String(process.pid), `--data=${data}`, `--cpu=${cpu}:${cpu + 1}`];
  return spawnSync('prlimit', limits, { stdio: 'ignore' }).status === 0;
}
