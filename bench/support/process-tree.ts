import { readFileSync } from 'node:fs';

/** Processor time and memory of processes and those they started, from Linux's /proc. */

/** Clock ticks a second, the same on every Linux that Node runs on. */
const TICKS = 100;
const PAGE_BYTES = 4096;

/** Fields of /proc/PID/stat, counted from the state, which follows the name in brackets. */
const OWN_TIMES = [11, 12];
const ENDED_CHILDREN_TIMES = [13, 14];

function read(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended in between, or this is no Linux.
    return null;
  }
}

function ticks(pid: number | 'self', fields: readonly number[]): number {
  const stat = read(`/proc/${pid}/stat`) ?? '';
  const values = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(values[field] ?? 0), 0);
}

function childrenOf(pid: number): number[] {
  const own = read(`/proc/${pid}/task/${pid}/children`) ?? '';
  const pids = own.split(' ').filter(Boolean).map(Number);
  return [...pids, ...pids.flatMap(childrenOf)];
}

/** CPU seconds of all that this process started, ended ones included. To 10 ms. */
export function childCpuSeconds(): number {
  const alive = childrenOf(process.pid).map((pid) => ticks(pid, [...OWN_TIMES, ...ENDED_CHILDREN_TIMES]));
  return alive.reduce((sum, one) => sum + one, ticks('self', ENDED_CHILDREN_TIMES)) / TICKS;
}

/** CPU seconds of a process and all below it, ended ones included. To 10 ms. */
export function treeCpuSeconds(root: number): number {
  const alive = [root, ...childrenOf(root)].map((pid) => ticks(pid, [...OWN_TIMES, ...ENDED_CHILDREN_TIMES]));
  return alive.reduce((sum, one) => sum + one, 0) / TICKS;
}

/** Bytes that are resident in all that this process started and runs; what they share counts in each. */
export function childResidentBytes(): number {
  const pages = childrenOf(process.pid).map((pid) => Number(read(`/proc/${pid}/statm`)?.split(' ')[1] ?? 0));
  return pages.reduce((sum, one) => sum + one, 0) * PAGE_BYTES;
}

/** Throws where children cannot be measured. */
export function requireProc(): void {
  if (read(`/proc/${process.pid}/task/${process.pid}/children`) === null) {
    throw new Error('this bench reads /proc/PID/task/PID/children, which only Linux has');
  }
}
