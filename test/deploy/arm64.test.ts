import { mkdtempSync, rmSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { bundleDevice } from '../../src/adapters/esbuild/bundle-device.ts';
import { inProject, readText } from './files.ts';

/** ELF, 64 bits, for AArch64: what a Jetson's kernel loads. */
const AARCH64 = 0xb7;

async function machineOf(path: string): Promise<number | null> {
  const file = await open(path);
  try {
    const { buffer } = await file.read(Buffer.alloc(20), 0, 20, 0);
    return buffer.toString('latin1', 0, 4) === '\x7fELF' ? buffer.readUInt16LE(18) : null;
  } finally {
    await file.close();
  }
}

it('ONNX Runtime, the only package that a bundled device loads, has its files for arm64', async () => {
  const [napi = ''] = await readdir(inProject('node_modules', 'onnxruntime-node', 'bin'));
  const folder = inProject('node_modules', 'onnxruntime-node', 'bin', napi, 'linux', 'arm64');
  const files = (await readdir(folder)).filter((name) => !name.startsWith('.'));
  expect(files).toEqual(['libonnxruntime.so.1', 'onnxruntime_binding.node']);
  for (const name of files) expect(await machineOf(join(folder, name)), name).toBe(AARCH64);
});

it('the bundled device is JavaScript alone, the same for every processor', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await bundleDevice(inProject(), folder);
  const names = await readdir(folder);
  expect(names).toContain('edge.js');
  expect(names.filter((name) => extname(name) !== '.js')).toEqual([]);
});

it('a board can install what it needs: Node and the bundler of the tested versions, for arm64', async () => {
  const { packages } = JSON.parse(await readText('package-lock.json'));
  const node = packages['node_modules/node'].version;
  const named = (await readText('docs', 'devices.md')).matchAll(/node-v(\S+?)-linux-arm64/g);
  expect(new Set([...named].map(([, version]) => version))).toEqual(new Set([node]));
  // Beside ONNX Runtime, only the bundler is a program for one processor.
  expect(packages['node_modules/@esbuild/linux-arm64']).toMatchObject({
    version: packages['node_modules/esbuild'].version,
    integrity: expect.stringMatching(/^sha512-/),
    ...{ cpu: ['arm64'], os: ['linux'], optional: true },
  });
});
