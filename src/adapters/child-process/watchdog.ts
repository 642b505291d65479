import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { overMemory } from './over-memory.ts';

/**
 * Runs on a thread of an order's process and ends the whole process when its parent is gone (then the process
 * has another parent) or when it uses more memory than it may, native memory included.
 */

const INTERVAL_MS = 200;
const STDERR = 2;
const { parentPid, rssLimitBytes } = workerData as {
  readonly parentPid: number;
  readonly rssLimitBytes: number;
};

const end = (reason: string): void => {
  try {
    writeSync(STDERR, `${reason}\n`);
  } finally {
    process.kill(process.pid, 'SIGKILL');
  }
};

setInterval(() => {
  const used = process.memoryUsage.rss();
  if (process.ppid !== parentPid) end('the parent process is gone');
  else if (used > rssLimitBytes) end(overMemory(used, rssLimitBytes));
}, INTERVAL_MS);
