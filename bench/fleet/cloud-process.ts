/** A whole cloud node in a process of its own, as it runs in production. Says what it used when it is asked. */
import { startCloud } from '../../src/main/cloud.ts';
import { readConfig } from '../../src/main/config.ts';
import { quietLogger } from '../support/postgres.ts';
import type { CloudAnswer } from './names.ts';

const tell = (answer: CloudAnswer): void => {
  process.send?.(answer);
};

const cloud = await startCloud(readConfig(process.env), quietLogger);
process.on('message', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  tell({ kind: 'usage', peakMb: maxRSS / 1024, cpuS: (userCPUTime + systemCPUTime) / 1e6 });
});
process.once('disconnect', () => void cloud.close().then(() => process.exit()));
tell({ kind: 'ready' });
