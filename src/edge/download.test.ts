import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CloudStub, DEVICE_SECRET, startCloudStub } from '../../test/edge/cloud-stub.ts';
import type { Assignment } from '../events/device-journal.ts';
import { createDownload, type Download } from './download.ts';
import { nodeFiles } from './files.ts';
import { checksumOf, createModelFolder, type ModelFolder } from './model-folder.ts';

const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 251);
let server: CloudStub;
let path: string;
let folder: ModelFolder;
let download: Download;
let target: Assignment;
const never = new AbortController().signal;

beforeEach(async () => {
  server = await startCloudStub();
  path = mkdtempSync(join(tmpdir(), 'download-'));
  folder = createModelFolder(path, nodeFiles);
  const credential = { deviceId: 'dev-1', secret: DEVICE_SECRET };
  const limits = { maxBytes: 1_000_000, idleMs: 10_000, bucket: null };
  download = createDownload({ folder, files: nodeFiles, fetch, credential, ...limits });
  server.files.set('/x/v1.0.0.onnx', bytes);
  target = {
    deploymentId: 'd',
    assignment: 1,
    version: '1.0.0',
    modelType: 'ensemble',
    url: `${server.url}/x/v1.0.0.onnx`,
    artifact: { checksum: checksumOf(bytes), size: bytes.length },
    expires: '2026-01-12T06:00:00Z',
  };
});
afterEach(async () => {
  await server.close();
  rmSync(path, { recursive: true });
});

const part = () => folder.incomingPath(target.artifact.checksum);
const run = (signal = never) => download(target, signal, () => undefined);

const arrived = () => vi.waitFor(() => expect(statSync(part()).size).toBeGreaterThan(0), { interval: 5 });

/** Sends so much of the file, waits until some of it has arrived, then hangs up. */
const hangUpAfter = (count: number) => (_: unknown, response: ServerResponse) => {
  server.answer = null;
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, count), () => void arrived().finally(() => response.destroy()));
};

describe('download', () => {
  it('waits while the disk has no room for it, and says how much is needed', async () => {
    const full = createModelFolder(path, { ...nodeFiles, free: async () => 3 * 1024 * 1024 });
    const credential = { deviceId: 'dev-1', secret: DEVICE_SECRET };
    const limits = { maxBytes: 1_000_000, idleMs: 10_000, bucket: null };
    const refused = createDownload({ folder: full, files: nodeFiles, fetch, credential, ...limits });
    await expect(refused(target, never, () => undefined)).rejects.toThrow(
      /the disk has 3.0 MB left and 4.2 MB are needed/,
    );
    expect(server.requests).toEqual([]);
  });

  it('fetches the whole file, telling how far it is', async () => {
    const shares: number[] = [];
    expect(await download(target, never, (share) => shares.push(share))).toBe(bytes.length);
    expect(readFileSync(part())).toEqual(Buffer.from(bytes));
    expect(shares.at(-1)).toBe(1);
  });

  it('asks for every byte that it takes of the link', async () => {
    const credential = { deviceId: 'dev-1', secret: DEVICE_SECRET };
    let taken = 0;
    const take = async (count: number): Promise<void> => {
      taken += count;
    };
    const bucket = { take };
    const limits = { maxBytes: 1_000_000, idleMs: 10_000, bucket };
    const slow = createDownload({ folder, files: nodeFiles, fetch, credential, ...limits });
    expect(await slow(target, never, () => undefined)).toBe(bytes.length);
    expect(taken).toBe(bytes.length);
  });

  it('goes on where the last attempt stopped', async () => {
    server.answer = hangUpAfter(40_000);
    await expect(run()).rejects.toMatchObject({ name: 'DownloadInterrupted' });
    const kept = readFileSync(part()).length;
    expect(kept).toBeGreaterThan(0);
    expect(await run()).toBe(bytes.length);
    expect(server.requests).toEqual(['/x/v1.0.0.onnx', `/x/v1.0.0.onnx bytes=${kept}-`]);
    expect(checksumOf(readFileSync(part()))).toBe(target.artifact.checksum);
  });

  it('begins again when what was kept is not the beginning of the file', async () => {
    writeFileSync(part(), new Uint8Array(500));
    await expect(run()).rejects.toMatchObject({ name: 'DownloadInterrupted' });
    expect(await run()).toBe(bytes.length);
  });

  it('takes a whole answer to a request for the rest', async () => {
    writeFileSync(part(), bytes.subarray(0, 500));
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    };
    expect(await run()).toBe(bytes.length);
    expect(checksumOf(readFileSync(part()))).toBe(target.artifact.checksum);
  });

  it('asks for nothing when everything is here already', async () => {
    writeFileSync(part(), bytes);
    expect(await run()).toBe(bytes.length);
    expect(server.requests).toEqual([]);
  });

  it('removes what an earlier, other download left', async () => {
    const other = folder.incomingPath(`sha256:${'0'.repeat(64)}`);
    writeFileSync(other, 'old');
    await run();
    expect(() => readFileSync(other)).toThrow();
  });

  it.each([
    ['an announced size that is another', { 'content-length': '5' }, bytes.subarray(0, 5)],
    ['an end before the offered size', {}, bytes.subarray(0, 5)],
    ['a stream that never ends', {}, new Uint8Array(bytes.length + 1)],
  ])('gives up on %s', async (_, headers, body) => {
    server.answer = (_request, response) => {
      response.writeHead(200, headers);
      response.write(body);
      response.end();
    };
    await expect(run()).rejects.toMatchObject({ name: 'ModelRejected', code: 'size-mismatch' });
  });

  it('gives up before the first byte on a model that is too large', async () => {
    target = { ...target, artifact: { ...target.artifact, size: 1_000_001 } };
    await expect(run()).rejects.toMatchObject({ code: 'too-large' });
    expect(server.requests).toEqual([]);
  });

  it('begins once more, and no more often, when parts do not make up the file', async () => {
    const wrong = bytes.toReversed();
    server.files.set('/x/v1.0.0.onnx', wrong);
    for (const name of ['DownloadInterrupted', 'ModelRejected']) {
      server.answer = hangUpAfter(50_000);
      await expect(run()).rejects.toMatchObject({ name: 'DownloadInterrupted' });
      await expect(run()).rejects.toMatchObject({ name });
    }
  });

  it.each([
    ['a refusal', 403],
    ['a missing file', 404],
    ['a failing server', 503],
  ])('tries again after %s', async (_, status) => {
    server.answer = (_request, response) => {
      response.writeHead(status).end();
    };
    await expect(run()).rejects.toMatchObject({ name: 'DownloadInterrupted' });
  });

  it('follows no redirection', async () => {
    server.answer = (_, response) => {
      response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
    };
    await expect(run()).rejects.toMatchObject({ name: 'DownloadInterrupted' });
    expect(server.requests).toHaveLength(1);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    server.answer = (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 10), () => stop.abort(new Error('superseded')));
    };
    await expect(run(stop.signal)).rejects.toThrow('superseded');
  });
});
