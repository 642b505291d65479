import { readdir, readFile } from 'node:fs/promises';

/** Clock ticks of /proc/PID/stat in a second, on every Linux that Node runs on. */
const TICKS = 100;

interface ProcessTimes {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

/** Fields after the name, which may hold anything, spaces and brackets included: see proc(5). */
function parse(stat: string): ProcessTimes {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [parent = 0, times] = [fields[1], fields.slice(11, 15)];
  return {
    pid: Number.parseInt(stat, 10),
    parent,
    seconds: times.reduce((sum, ticks) => sum + ticks, 0) / TICKS,
  };
}

async function allProcesses(): Promise<readonly ProcessTimes[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => stat !== '').map(parse);
}

/** Processor time that a process and all below it, ended ones included, have used so far. */
export async function treeCpuSeconds(root: number): Promise<number> {
  const processes = await allProcesses();
  const below = new Set([root]);
  for (let before = 0; before < below.size; ) {
    before = below.size;
    for (const { pid, parent } of processes) if (below.has(parent)) below.add(pid);
  }
  return processes.reduce((sum, { pid, seconds }) => (below.has(pid) ? sum + seconds : sum), 0);
}
