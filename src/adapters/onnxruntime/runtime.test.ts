import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { tinyModel } from '../../../test/edge/tiny-model.ts';

const loadAll = fileURLToPath(new URL('./fixtures/load-all.ts', import.meta.url));

it('ONNX Runtime keeps nothing of its own, wherever a model or a graph is loaded', async () => {
  const home = mkdtempSync(join(tmpdir(), 'home-'));
  try {
    writeFileSync(join(home, 'forecast.onnx'), tinyModel({ version: '1.0.0' }));
    const env = { PATH: process.env['PATH'], HOME: home, TMPDIR: home };
    await promisify(execFile)(process.execPath, [loadAll, join(home, 'forecast.onnx')], { env });
    expect(readdirSync(home, { recursive: true })).toEqual(['forecast.onnx']);
  } finally {
    rmSync(home, { recursive: true });
  }
});
