import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { findNatsServer, startNats } from '../../../test/services/nats.ts';
import type { BrokerTls } from '../../ports/broker-tls.ts';
import { createMqttDeviceClient } from '../mqtt/device-client.ts';
import { createMqttPublisher } from '../mqtt/publisher.ts';
import { openNatsDeviceAuth } from './device-auth.ts';
import { createNatsDeviceLink } from './device-link.ts';

const run = promisify(execFile);
const binary = await findNatsServer();
const hasOpenssl = await run('openssl', ['version']).then(
  () => true,
  () => false,
);
const logger = pino({ level: 'silent' });
const backoff = { firstMs: 20, longestMs: 200 };

/** An authority, and what it signed for a server on 127.0.0.1 and for a client. */
async function certificates(folder: string) {
  const openssl = (...args: string[]) => run('openssl', args, { cwd: folder });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  await openssl(
    'req',
    '-x509',
    ...newKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '2',
    '-subj',
    '/CN=test',
  );
  for (const name of ['server', 'client']) {
    await openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    await writeFile(join(folder, `${name}.ext`), 'subjectAltName=IP:127.0.0.1,DNS:localhost');
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...signed, '-out', `${name}.pem`, '-days', '2');
  }
  const text = (name: string) => readFile(join(folder, name), 'utf8');
  return { ca: await text('ca.pem'), cert: await text('client.pem'), key: await text('client.key') };
}

it.skipIf(binary === null || !hasOpenssl)(
  'lets in whoever shows a certificate of the authority and its own secret, and nobody else',
  { timeout: 60_000 },
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifo4-tls-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const own = await certificates(folder);
    const file = (name: string) => join(folder, name);
    const nats = await startNats(binary ?? '', {
      tls: { cert: file('server.pem'), key: file('server.key'), clientAuthority: file('ca.pem') },
    });
    onTestFinished(() => nats.close());

    const publisher = createMqttPublisher({
      ...{ url: nats.mqttUrl, tls: own, ...nats.cloud, node: 'test', logger, backoff },
    });
    const cloud = await createNatsDeviceLink({ url: nats.url, tls: own, node: 'test', logger, publisher });
    onTestFinished(() => cloud.close());
    const verify = async (deviceId: string, secret: string) =>
      secret === 'right' ? { deviceId, systemId: 'site-a', tenant: 'acme' } : null;
    const auth = await openNatsDeviceAuth({
      ...{ url: nats.url, tls: own, node: 'test', credentials: { verify }, logger },
    });
    onTestFinished(() => auth.close());
    const heard: string[] = [];
    await cloud.onUplink(async ({ payload }) => void heard.push(Buffer.from(payload).toString()));

    const device = (tls: BrokerTls, secret = 'right') => {
      const login = { deviceId: 'dev-a', secret, systemId: 'site-a' };
      const client = createMqttDeviceClient({
        url: nats.mqttUrl,
        tls,
        ...login,
        logger,
        backoff,
        publishTimeoutMs: 1_500,
      });
      onTestFinished(() => client.close());
      client.start();
      return client;
    };
    await expect(device({ ca: own.ca }).publish('telemetry', Buffer.from('bare'))).rejects.toThrow();
    await expect(device(own, 'wrong').publish('telemetry', Buffer.from('wrong'))).rejects.toThrow();
    await device(own).publish('telemetry', Buffer.from('known'));
    await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['known']);
  },
);
