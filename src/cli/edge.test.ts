import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSite, goodModel, NOW, type SiteUnderTest } from '../../test/edge/site-under-test.ts';
import { type LocalEndpoint, openLocalEndpoint } from '../main/local-endpoint.ts';
import { runProgram } from './program.ts';

let site: SiteUnderTest;
let folder: string;
let settings: string;
let endpoint: LocalEndpoint | null;

beforeEach(async () => {
  endpoint = null;
  folder = mkdtempSync(join(tmpdir(), 'edge-cli-'));
  site = await createSite();
  settings = join(folder, 'device.json');
  const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ]);
  const device = {
    ...{ deviceId: 'dev-1', secret: 'a secret', systemId: 'bess-456', zone: 'America/Sao_Paulo' },
    ...{ cloudUrl: site.cloud.url, mqttUrl: 'mqtt://127.0.0.1:9', topicPrefix: 'lifo4' },
    trustedKeys: [{ kid: 'k1', publicKey: await crypto.subtle.exportKey('jwk', publicKey) }],
    ...{ dataFolder: dirname(site.models), clockOffsetMs: NOW - Date.now(), readings: { kind: 'none' } },
  };
  writeFileSync(settings, JSON.stringify(device));
});
afterEach(async () => {
  await closeEndpoint();
  await site.close();
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], env: Record<string, string> = {}) {
  let [out, err] = ['', ''];
  const code = await runProgram(['edge', ...args], {
    stdout: {
      write: (text) => {
        out += text;
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    env: { LIFO4_DEVICE: settings, ...env },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** Two models, one after the other; the local interface too. */
async function runningDevice() {
  await site.start();
  for (const assignment of [1, 2]) {
    await site.offer(assignment, goodModel(assignment));
    await site.answered(assignment, 'active');
  }
  const logger = pino({ level: 'silent' });
  endpoint = await openLocalEndpoint({ dataFolder: dirname(site.models) }, site.device, logger);
}

async function closeEndpoint() {
  await endpoint?.close();
  endpoint = null;
}

describe('lifo4-ml edge', () => {
  it('shows status and history of a device that runs, and of one that does not', async () => {
    await runningDevice();
    const running = await run(['status']);
    expect(running).toMatchObject({ code: 0, err: '' });
    expect(running.out).toMatch(/device +dev-1 {2}running\n/);
    expect(running.out).toMatch(/model +1\.2\.0\n +previous +1\.1\.0\n/);
    expect(running.out).toMatch(/history +720 of the last 720 hours/);
    expect(JSON.parse((await run(['status', '--json'])).out)).toMatchObject({
      ...{ running: true, connected: true, report: { running: { version: '1.2.0' } } },
    });
    const history = await run(['history']);
    expect(history.out).toMatch(/ModelProven +inferenceMs/);

    await closeEndpoint();
    await site.stop();
    const stopped = await run(['status'], { LANG: 'pt_BR.UTF-8' });
    expect(stopped.out).toMatch(/dispositivo +dev-1 {2}parado; esta é a sua memória\n/);
    expect(stopped.out).toMatch(/modelo +1\.2\.0\n +anterior +1\.1\.0\n/);
    expect((await run(['history'])).out).toBe(history.out);
    const facts = JSON.parse((await run(['history', '--json'])).out);
    expect(facts).toHaveLength(12);
  });

  it('says in Portuguese what a device says in words of its own, and those behind', async () => {
    await runningDevice();
    await site.offer(3, goodModel(3), { url: 'https://elsewhere.example.com/bess-456/v1.3.0.onnx' });
    await site.answered(3, 'rejected');
    await run(['rollback']);
    await site.answered(2, 'rolledback');
    const pt = ['--lang', 'pt-BR'];
    const status = await run(['status', ...pt]);
    expect(status.out).toMatch(/estado +voltou ao modelo anterior\n/);
    expect(status.out).toMatch(/retirado {2}retirado por uma pessoa no local \(operator\)\n/);
    const history = await run(['history', ...pt]);
    expect(history.out).toMatch(/modelo aprovado +ms por inferência/);
    expect(history.out).toMatch(
      /oferta recusada +1\.3\.0 {2}motivo o endereço não é da nuvem deste dispositivo \(foreign-origin: /,
    );
    expect((await run(['rollback', ...pt])).err).toMatch(
      /^lifo4-ml: não há modelo anterior para voltar; .*\(no model from before 1\.1\.0/,
    );
    expect((await run(['install', join(folder, 'none'), ...pt])).err).toMatch(/não pode ser lido \(ENOENT\)/);
    expect((await run(['install', folder, ...pt])).err).toMatch(/não é um arquivo/);
  });

  it('takes a model back on a device that runs', async () => {
    await runningDevice();
    const done = await run(['rollback', '--reason', 'peaks were missed']);
    expect(done).toMatchObject({ code: 0, out: 'the model is taken back: 1.1.0 serves again in a moment\n' });
    expect(await site.answered(2, 'rolledback')).toMatchObject({ reason: 'operator: peaks were missed' });
    const again = await run(['rollback']);
    expect(again).toMatchObject({
      code: 1,
      err: expect.stringContaining('restore another version from the cloud'),
    });
  });

  it('notes it on a device that does not run, which does it when it starts', async () => {
    await runningDevice();
    await closeEndpoint();
    await site.stop();
    const noted = await run(['rollback', '--lang', 'pt-BR']);
    expect(noted).toMatchObject({ code: 0, out: 'anotado: o dispositivo retira o modelo quando iniciar\n' });
    await site.start();
    expect(await site.answered(2, 'rolledback')).toMatchObject({
      reason: 'operator',
      runningVersion: '1.1.0',
    });
  });

  it('examines a device, names what is to be mended, and ends with 1', async () => {
    await runningDevice();
    const well = await run(['doctor']);
    expect(well.out).toMatch(/ok {4}disk/);
    expect(well.out).toMatch(/ok {4}broker +connected to/);
    expect(well.out).toMatch(/ok {4}credential +the cloud knows dev-1/);
    expect(well.out).toMatch(/warn {2}keys +1 keys, no trustRoot/);
    expect(well.out).toMatch(/ok {4}model +1\.2\.0/);
    expect(well.out).toMatch(/ok {4}forecast/);
    expect(well.code).toBe(0);

    await closeEndpoint();
    await site.stop();
    writeFileSync(join(site.models, 'forecast.onnx'), 'damaged');
    await site.cloud.close();
    const ill = await run(['doctor', '--lang', 'pt-BR']);
    expect(ill.out).toMatch(/fail {2}broker +mqtt:\/\/127\.0\.0\.1:9 não responde/);
    expect(ill.out).toMatch(/fail {2}model .*o dispositivo restaura o anterior/);
    expect(ill.out).toMatch(/warn {2}credential/);
    expect(ill).toMatchObject({ code: 1, err: 'lifo4-ml: broker, model\n' });
    const findings: readonly { check: string; level: string }[] = JSON.parse(
      (await run(['doctor', '--json'])).out.split('\n{')[0] ?? '',
    );
    expect(findings.find(({ check }) => check === 'disk')).toMatchObject({ level: 'ok' });
    // The stub is closed again after the test.
    site.cloud.close = async () => undefined;
  });

  it('says what to write where there is no device, or its memory is another program’s', async () => {
    expect(await run(['status'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('no device has run there'),
    });
    expect(await run(['status', join(folder, 'none.json')])).toMatchObject({ code: 2 });
    expect(await run([])).toMatchObject({ code: 2, err: expect.stringContaining('edge SETTINGS') });
    await site.start();
    expect(await run(['status'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('end the other process'),
    });
    expect((await run(['doctor'])).out).toMatch(/warn {2}journal +the device’s memory could not be read/);
  });
});
