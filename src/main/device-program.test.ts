import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { createProcessProver } from '../adapters/child-process/prover.ts';
import { bundleDevice } from '../adapters/esbuild/bundle-device.ts';
import { createLayout } from '../forecasting/features/layout.ts';

const root = join(import.meta.dirname, '..', '..');
/** Within the project, where onnxruntime-node is found. */
const folder = mkdtempSync(join(root, 'node_modules', '.device-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files: readonly string[];
beforeAll(async () => {
  files = await bundleDevice(root, folder);
});

describe('the bundled program of a device', () => {
  it('refuses settings as the one from source does', async () => {
    const settings = join(mkdtempSync(join(tmpdir(), 'settings-')), 'device.json');
    writeFileSync(settings, '{}');
    const run = promisify(execFile)(process.execPath, [files[0] ?? '', settings]);
    await expect(run).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('deviceId, secret') });
    rmSync(join(settings, '..'), { recursive: true });
  });

  it('proves models in a bundled process, watched by a bundled thread, and leaves nothing in its home', async () => {
    const home = mkdtempSync(join(tmpdir(), 'home-'));
    for (const name of ['HOME', 'TMPDIR']) vi.stubEnv(name, home);
    const prover = createProcessProver({
      entry: pathToFileURL(files[1] ?? ''),
      logger: pino({ level: 'silent' }),
    });
    const { width } = createLayout({ temperature: false, eventFlags: [] });
    const order = {
      systemId: 'bess-456',
      bytes: tinyModel({ version: '1.0.0' }),
      row: new Float32Array(width).fill(100),
      plausible: { fromKw: 0, toKw: 1000 },
    };
    const proof = await prover.prove(order, new AbortController().signal);
    expect(proof.inferenceMs).toBeGreaterThan(0);
    await prover.close();
    expect(readdirSync(home)).toEqual([]);
    rmSync(home, { recursive: true });
    vi.unstubAllEnvs();
  });
});
