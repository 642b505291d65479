import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What power cuts took so far. */
interface Losses {
  readonly lostWrites: number;
  readonly lostNames: number;
}

/** A file system in memory that forgets at a power cut what was not synced; forgetful-disk.c says how. */
export interface ForgetfulDisk {
  readonly folder: string;
  /** Makes everything durable. */
  sync(): void;
  /** Nobody may have a file open. */
  cutPower(): void;
  losses(): Losses;
  close(): Promise<void>;
}

const SOURCE = join(import.meta.dirname, 'forgetful-disk.c');
const NEEDS =
  'root, /dev/fuse, gcc, pkg-config and libfuse 3 (Debian: apt-get install fuse3 libfuse3-dev gcc pkg-config)';
const MOUNT_TRIES = 200;
const MOUNT_LOOK_MS = 25;

const refusal = (cause: unknown): Error =>
  new Error(`a disk that forgets takes ${NEEDS}, or run without --lost-writes`, { cause });

function compile(program: string): void {
  try {
    const flags = execFileSync('pkg-config', ['--cflags', '--libs', 'fuse3'], { encoding: 'utf8' });
    execFileSync('gcc', ['-O1', SOURCE, '-o', program, ...flags.trim().split(/\s+/)]);
  } catch (error) {
    throw refusal(error);
  }
}

function readLosses(power: string): Losses | null {
  try {
    return JSON.parse(readFileSync(power, 'utf8')) as Losses;
  } catch {
    return null;
  }
}

async function mounted(server: ChildProcess, power: string): Promise<void> {
  for (let tries = 0; tries < MOUNT_TRIES && server.exitCode === null; tries += 1) {
    if (readLosses(power) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, MOUNT_LOOK_MS));
  }
  server.kill();
  throw refusal(new Error('it was not mounted'));
}

/** Compiles and mounts one; each power cut takes the next number of `seed` on. Rejects and says what is missing. */
export async function mountForgetfulDisk(seed: number): Promise<ForgetfulDisk> {
  const workshop = mkdtempSync(join(tmpdir(), 'forgetful-disk-'));
  const program = join(workshop, 'forgetful-disk');
  const folder = mkdtempSync(join(workshop, 'mounted-'));
  const power = join(folder, '.power');
  compile(program);
  const server = spawn(program, ['-f', '-s', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(server, 'exit');
  await mounted(server, power);
  let cuts = 0;
  return {
    folder,
    sync: () => writeFileSync(power, 'sync'),
    cutPower() {
      cuts += 1;
      writeFileSync(power, `cut ${seed * 1_000_003 + cuts}`);
    },
    losses: () => readLosses(power) ?? { lostWrites: 0, lostNames: 0 },
    async close() {
      execFileSync('/bin/umount', [folder]);
      await ended;
      rmSync(workshop, { recursive: true });
    },
  };
}
