import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../../../test/services/certificates.ts';
import { readBrokerTls } from './broker-tls.ts';

const NAMES = { caFile: 'CA', certFile: 'CERT', keyFile: 'KEY' };

let folder: string;
let good: Certificates;
let plain: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-tls-'));
  good = await makeCertificates(folder, 'IP:127.0.0.1');
  plain = join(folder, 'plain.txt');
  await writeFile(plain, 'no certificate');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('reads an issuer, a certificate and its key', () => {
  const files = { caFile: good.ca, certFile: good.certificate, keyFile: good.key };
  const { ca, cert, key } = readBrokerTls(files, NAMES);
  for (const pem of [ca, cert, key]) expect(pem).toMatch(/^-----BEGIN /);
});

it.each([
  ['CA: the file /no/ca.pem cannot be read', () => ({ caFile: '/no/ca.pem' })],
  ['CA: the file holds no certificate in PEM', () => ({ caFile: plain })],
  ['CERT: give it together with KEY', () => ({ certFile: good.certificate })],
  ['CERT: the file holds no certificate in PEM', () => ({ certFile: plain, keyFile: good.key })],
  ['KEY: the file holds no private key', () => ({ certFile: good.certificate, keyFile: plain })],
  ['KEY: this key is not the one of', () => ({ certFile: good.ca, keyFile: good.key })],
])('refuses what cannot be used: %s', (told, files) => {
  expect(() => readBrokerTls(files(), NAMES)).toThrow(told);
});
