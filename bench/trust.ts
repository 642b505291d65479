import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify from 'fastify';
import pino from 'pino';
import { createTrust } from '../src/edge/trust/trust.ts';
import type { Assignment } from '../src/events/device-journal.ts';
import type { App } from '../src/http/dependencies.ts';
import { trustRoutes } from '../src/http/routes/trust.ts';
import { type TrustSigner, trustSignerOf } from '../src/ota/tuf/keys.ts';
import {
  allBins,
  binJson,
  binOf,
  rootJson,
  type SignedTarget,
  signMetadata,
  snapshotJson,
  targetsJson,
  timestampJson,
} from '../src/ota/tuf/metadata.ts';
import { targetName } from '../src/ota/tuf/target-name.ts';
import type { MetadataFile } from '../src/ports/trust-store.ts';
import type { Bench, BenchContext } from './bench.ts';

/** What signed metadata costs a device's link, and its memory. */

const DAY = 86_400_000;
/** Models of a site that stay signed. */
const TARGETS_PER_SITE = 4;

const newKey = (): TrustSigner => trustSignerOf(generateKeyPairSync('ed25519').privateKey);
const one = (key: TrustSigner) => ({ keys: [key], threshold: 1 });

interface Repository {
  readonly files: Map<string, MetadataFile>;
  /** Publishes the site's next model: its bin, the snapshot and the timestamp are signed anew. */
  publish(site: number, version: string): Assignment;
  readonly root: string;
}

const deviceOf = (site: number) => `dev-${String(site).padStart(36, '0')}`;
const systemOf = (site: number) => `site-${site}`;
const artifactOf = (site: number, version: string) => {
  const text = Buffer.from(`${site} ${version}`).toString('hex');
  return { checksum: `sha256:${text.padEnd(64, '7').slice(0, 64)}`, size: 400_000 + site };
};

/** A fleet in the middle of its life: every site has its models signed, and every bin was signed many times. */
function createRepository(sites: number, binBits: number): Repository {
  const [rootKey, targets, snapshot, timestamp] = [newKey(), newKey(), newKey(), newKey()];
  const files = new Map<string, MetadataFile>();
  const held = Map.groupBy(
    Array.from({ length: sites * TARGETS_PER_SITE }, (_, index): SignedTarget => {
      const [site, version] = [Math.floor(index / TARGETS_PER_SITE), `1.${index % TARGETS_PER_SITE}.0`];
      const subject = { systemId: systemOf(site), deviceId: deviceOf(site), modelType: 'ensemble' } as const;
      return { name: targetName({ ...subject, version }), artifact: artifactOf(site, version) };
    }),
    ({ name }) => binOf(name, binBits),
  );
  const versions = new Map(allBins(binBits).map((bin, index) => [bin, 100 + ((index * 37) % 300)]));
  versions.set('targets', 3);
  let release = 50_000;
  const about = (version: number, days: number) => ({ version, expires: new Date(Date.now() + days * DAY) });
  const write = (role: string, file: ReturnType<typeof about>, body: string) =>
    files.set(`${role}/${role === 'timestamp' ? 'latest' : file.version}`, {
      ...{ role, ...file, body },
      keyIds: [],
    });
  const roles = {
    root: one(rootKey),
    targets: one(targets),
    snapshot: one(snapshot),
    timestamp: one(timestamp),
  };
  const first = about(1, 365);
  const root = signMetadata('root', rootJson({ ...first, roles }), [rootKey]);
  write('root', first, root);
  const top = about(3, 90);
  write(
    'targets',
    top,
    signMetadata('targets', targetsJson({ ...top, bins: one(targets), binBits }), [targets]),
  );

  function sign(bin: string): void {
    const next = about((versions.get(bin) ?? 0) + 1, 90);
    versions.set(bin, next.version);
    write(bin, next, signMetadata('targets', binJson({ ...next, targets: held.get(bin) ?? [] }), [targets]));
    release += 1;
    const snap = about(release, 7);
    const body = signMetadata('snapshot', snapshotJson({ ...snap, versions }), [snapshot]);
    write('snapshot', snap, body);
    const stamp = { ...about(release, 1), issued: new Date(), snapshot: { version: release, body } };
    write('timestamp', stamp, signMetadata('timestamp', timestampJson(stamp), [timestamp]));
  }

  return {
    ...{ files, root },
    publish(site, version) {
      const subject = { systemId: systemOf(site), deviceId: deviceOf(site), modelType: 'ensemble' } as const;
      const name = targetName({ ...subject, version });
      const bin = binOf(name, binBits);
      held.set(bin, [...(held.get(bin) ?? []), { name, artifact: artifactOf(site, version) }]);
      sign(bin);
      const assignment = {
        deploymentId: 'd',
        assignment: 1,
        url: 'http://x/',
        expires: '2030-01-01T00:00:00Z',
      };
      return { ...assignment, version, modelType: 'ensemble', artifact: artifactOf(site, version) };
    },
  };
}

interface Served {
  readonly url: string;
  /** Bytes on the wire so far, headers and both directions included. */
  bytes(): number;
  close(): Promise<void>;
}

async function serve({ files }: Repository): Promise<Served> {
  const sockets = new Set<Socket>();
  const server = fastify();
  server.setValidatorCompiler(() => () => true);
  server.setSerializerCompiler(() => JSON.stringify);
  server.server.on('connection', (socket) => sockets.add(socket));
  const trust = {
    latest: async (role: string) => files.get(`${role}/latest`) ?? null,
    read: async (role: string, version: number) => files.get(`${role}/${version}`) ?? null,
  };
  await server.register(trustRoutes({ trust }) as (app: App) => Promise<void>);
  await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    url: `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    bytes: () => [...sockets].reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0),
    close: () => server.close(),
  };
}

/** Bytes of a device's first look, and of each update after it. */
async function measure(sites: number, binBits: number, updates: number, folder: string) {
  const repository = createRepository(sites, binBits);
  const served = await serve(repository);
  const settings = new Map<string, string>();
  const trust = createTrust({
    ...{ systemId: systemOf(1), root: repository.root, metadataUrl: `${served.url}/tuf`, folder },
    store: {
      setting: (name) => settings.get(name) ?? null,
      saveSetting: (name, value) => void settings.set(name, value),
    },
    fetch: (address, init) => fetch(address, init),
    credential: { deviceId: deviceOf(1), secret: 'x'.repeat(32) },
    ...{ idleMs: 10_000, now: () => new Date(), logger: pino({ level: 'silent' }) },
  });
  const costs: number[] = [];
  for (let update = 0; update <= updates; update += 1) {
    const before = served.bytes();
    await trust.approve(repository.publish(1, `2.${update}.0`), AbortSignal.timeout(60_000));
    costs.push(served.bytes() - before);
  }
  await served.close();
  const [firstLook = Number.NaN, ...later] = costs;
  return { firstLook, later };
}

async function run(context: BenchContext): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-trust-'));
  const updates = context.number('updates');
  for (const sites of context.option('sites').split(',').map(Number)) {
    for (const bits of context.option('bits').split(',').map(Number)) {
      const { firstLook, later } = await measure(sites, bits, updates, join(folder, 'look'));
      context.figure(`update_bytes_${sites}_sites_${2 ** bits}_bins`, 'B', later);
      context.row({ sites, bins: 2 ** bits, firstLook, update: Math.max(...later) });
    }
  }
  await rm(folder, { recursive: true });
}

const bench: Bench = {
  summary: 'bytes of signed metadata that an update costs a device, both directions and headers included',
  options: {
    sites: { description: 'sizes of the fleet', default: '3,10000' },
    bits: { description: 'bins as powers of two', default: '8' },
    updates: { description: 'updates of the device', default: '5' },
  },
  run,
};

export default bench;
