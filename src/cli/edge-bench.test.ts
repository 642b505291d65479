import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tinyModel } from '../../test/edge/tiny-model.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'edge-bench-'));
const settings = join(folder, 'device.json');
const model = join(folder, 'model.onnx');

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const device = {
    ...{ deviceId: 'dev-1', secret: 'a secret', systemId: 'bess-456', zone: 'America/Sao_Paulo' },
    ...{ cloudUrl: 'http://127.0.0.1:9', mqttUrl: 'mqtt://127.0.0.1:9', topicPrefix: 'lifo4' },
    trustedKeys: [{ kid: 'k1', publicKey: await crypto.subtle.exportKey('jwk', pair.publicKey) }],
    ...{ dataFolder: folder, clockOffsetMs: 0, readings: { kind: 'none' } },
  };
  writeFileSync(settings, JSON.stringify(device));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function bench(args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await runProgram(['edge', 'bench', settings, ...args], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    env: { LANG: 'pt_BR.UTF-8' },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

describe('lifo4-ml edge bench', () => {
  it('passes a model that is quick and small, and says so', async () => {
    writeFileSync(model, tinyModel({ version: '1.7.0' }));
    const { code, out } = await bench(['--model', model]);
    expect(out).toMatch(/^1\.7\.0: [\d.]+ ms por inferência \(menos de 50\), [\d.]+ MB \(menos de 100\)\n$/);
    expect(code).toBe(0);
  });

  it('fails one that takes more than the contract allows', async () => {
    writeFileSync(model, tinyModel({ version: '1.8.0', bomb: 2 ** 20 }));
    const { code, out } = await bench(['--model', model, '--json']);
    expect(code).not.toBe(0);
    expect(out).toContain('the model cannot be run');
  });

  it('says what to do where no model serves', async () => {
    const { code, err } = await bench([]);
    expect(code).not.toBe(0);
    expect(err).toContain('name a model file with --model');
  });
});
