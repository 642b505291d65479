import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../test/http/server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from '../../test/http/stories.ts';
import { runProgram } from './program.ts';

let server: ServerUnderTest;
let token: string;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-service-'));
  server = await startServer();
  token = await server.token();
  await registerSite(server, 'plant-7');
  const model = { jobId: 'job-1', systemId: 'plant-7', version: '1.0.0' };
  await appendModel(server.postgres.log, model);
  await appendDeployed(server.postgres.log, model, 'dep-1');
  const kept = { jobId: 'job-2', systemId: 'plant-7', version: '1.1.0' };
  await appendModel(server.postgres.log, kept);
  await appendKept(server.postgres.log, kept);
  // The lists follow the log.
  await vi.waitFor(async () => {
    const { body } = await server.call('GET', '/api/v1/ml/training-jobs?status=kept', { token });
    expect(body).toMatchObject({ items: [{ version: '1.1.0' }] });
  }, 10_000);
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(
  args: readonly string[],
  options: { signal?: AbortSignal; heard?: (out: string) => void; env?: Record<string, string> } = {},
): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await runProgram(args, {
    stdout: {
      write: (text) => {
        out += text;
        options.heard?.(out);
      },
    },
    stderr: {
      write: (text) => {
        err += text;
      },
    },
    env: { LIFO4_URL: server.url, LIFO4_TOKEN: token, ...options.env },
    signal: options.signal ?? new AbortController().signal,
  });
  return { code, out, err };
}

describe('commands on a running service', () => {
  it('list and show jobs, for people and for programs', async () => {
    const list = await run(['jobs', '--system', 'plant-7']);
    expect(list.code, list.err).toBe(0);
    expect(list.out).toMatch(/job-2 +plant-7 +kept +1\.1\.0/);
    const kept = await run(['jobs', 'list', '--status', 'kept', '--json']);
    expect(JSON.parse(kept.out)).toMatchObject([{ jobId: 'job-2', status: 'kept' }]);
    const one = await run(['jobs', 'show', 'job-2']);
    expect(one.out).toMatch(/status +kept/);
    expect(one.out).toMatch(/gate +MAPE/);
    expect(one.out).not.toContain('– %');
    const short = await run(['jobs', '--limit', '1']);
    expect(short.err).toContain('--all shows all');
  });

  it('watch a job that has ended, and tell whether it went well', async () => {
    expect(await run(['watch', 'job-2'])).toMatchObject({ code: 0 });
    expect(await run(['watch', 'no-such-job'])).toMatchObject({ code: 1, out: '' });
  });

  it('stop watching at Ctrl-C', async () => {
    const stop = new AbortController();
    stop.abort(new Error('cancelled'));
    const ended = await run(['watch', 'job-1'], { signal: stop.signal });
    expect(ended).toMatchObject({ code: 130, err: 'lifo4-ml: no longer watched; it goes on\n' });
  });

  it('list versions, and show where one comes from', async () => {
    const list = await run(['models', 'list', 'plant-7']);
    expect(list.code, list.err).toBe(0);
    expect(list.out.split('\n')[1]).toMatch(/1\.1\.0 .*kept/);
    const one = await run(['models', 'show', 'plant-7', '1.0.0']);
    expect(one.out).toMatch(/version +1\.0\.0/);
    expect(one.out).toMatch(/file +sha256:/);
  });

  it('list the fleet, its alerts and its silences', async () => {
    expect((await run(['fleet'])).out).toContain('plant-7');
    expect(JSON.parse((await run(['fleet', '--json', '--search', 'plant'])).out)).toMatchObject([
      { systemId: 'plant-7' },
    ]);
    expect(await run(['alerts', '--status', 'open'])).toMatchObject({ code: 0, out: '', err: '  none\n' });
    const silenced = await run([
      ...['alerts', 'silence', '--system', 'plant-7', '--for', '36h', '--reason', 'a planned stop'],
    ]);
    expect(silenced.code, silenced.err).toBe(0);
    expect(silenced.out).toMatch(/plant-7 +all/);
    expect((await run(['alerts', 'silences', '--json'])).out).toContain('"systemId": "plant-7"');
  });

  it('refuse to roll a site back that has run one version alone', async () => {
    const ended = await run(['rollback', 'plant-7']);
    expect(ended.code).toBe(1);
    expect(ended.err).toMatch(/^lifo4-ml: plant-7 has run/);
  });

  it.each([
    [['alerts', 'silence', '--for', 'soon', '--reason', 'x']],
    [['jobs', '--status', 'asleep']],
    [['retrain', 'plant-7', '--window-days', '3']],
    [['deploy', 'plant-7']],
    [['replay', '--file', 'x', '--until', 'tomorrow']],
  ])('say in one line what is wrong with %j', async (args) => {
    const ended = await run(args);
    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(/^lifo4-ml: .+\n/);
  });
});

describe('the log', () => {
  it('is exported whole, and folded without the service to the states that the service tells', async () => {
    const out = join(folder, 'log.jsonl');
    const exported = await run(['events', 'export', '--out', out]);
    expect(exported.code, exported.err).toBe(0);
    const again = await run(['events', 'export', '--out', out]);
    expect(again).toMatchObject({ code: 2 });
    expect(again.err).toContain('exists already');
    const piped = await run(['events', 'export']);
    expect(piped.out).toBe(await readFile(out, 'utf8'));

    const folded = await run(['replay', '--file', out, '--json']);
    expect(folded.code, folded.err).toBe(0);
    const streams = new Map(
      (JSON.parse(folded.out) as { streamId: string; state: string; broken: null }[]).map((stream) => [
        stream.streamId,
        stream,
      ]),
    );
    expect(streams.get('training-job-job-2')).toMatchObject({ state: 'kept', broken: null });
    expect(streams.get('training-job-job-1')).toMatchObject({ state: 'acked', broken: null });
    const steps = await run(['replay', '--file', out, '--stream', 'training-job-job-2']);
    expect(steps.out).toContain('ModelEvaluated');
    expect(steps.out).toContain('training → evaluated');
  });

  it('names the line of a file that is none, and the stream that is not whole', async () => {
    const bad = join(folder, 'bad.jsonl');
    await writeFile(bad, '{"streamId":\n');
    expect((await run(['replay', '--file', bad])).err).toMatch(/bad\.jsonl:1: this is no JSON/);
    const part = join(folder, 'part.jsonl');
    expect((await run(['events', 'export', '--types', 'JobKept', '--out', part])).code).toBe(0);
    const broken = await run(['replay', '--file', part]);
    expect(broken.code).toBe(1);
    expect(broken.out).toMatch(/fact 1 is missing/);
    expect(await run(['replay', '--file', join(folder, 'none')])).toMatchObject({ code: 2, out: '' });
  });

  it('shows people where a fact is cut', async () => {
    const stop = new AbortController();
    const { out } = await run(['events', 'tail', '--from', '0', '--types', 'ModelEvaluated'], {
      signal: stop.signal,
      heard: (text) => {
        if (text.includes('\n')) stop.abort(new Error('enough'));
      },
    });
    expect(out).toMatch(/ModelEvaluated {2}\{.{119}…\n/);
  });

  it('is followed as it grows, until Ctrl-C', async () => {
    const stop = new AbortController();
    const ended = run(['events', 'tail', '--from', '0', '--system', 'plant-7', '--json'], {
      signal: stop.signal,
      heard: (out) => {
        if (out.includes('JobKept')) stop.abort(new Error('enough'));
      },
    });
    const { code, err, out } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const facts = out.trim().split('\n');
    expect(facts.map((line) => JSON.parse(line).type)).toContain('SiteRegistered');
  });
});

describe('what helps at a machine', () => {
  it('looks it over, with the service that answers there, and changes nothing', async () => {
    const data = join(folder, 'not', 'yet');
    const { code, out, err } = await run(['doctor', '--json'], { env: { LIFO4_DATA: data } });
    expect(code, err).toBe(0);
    expect(existsSync(data)).toBe(false);
    const findings: readonly { check: string; level: string }[] = JSON.parse(out);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'service', level: 'ok' }));
    expect(findings).toContainEqual(expect.objectContaining({ check: 'token', level: 'warn' }));
  });

  it.each(['bash', 'fish'])('completes commands and options in %s', async (shell) => {
    const { out } = await run(['completion', shell]);
    for (const word of ['rollback', 'acknowledge', 'window-days']) expect(out).toContain(word);
  });

  it('completes in a real bash', async () => {
    const script = join(folder, 'completion.bash');
    await writeFile(script, (await run(['completion', 'bash'])).out);
    const ask = `source ${script}; COMP_WORDS=(lifo4-ml jobs ca); COMP_CWORD=2; _lifo4_ml; echo "\${COMPREPLY[@]}"`;
    expect((await promisify(execFile)('bash', ['-c', ask])).stdout).toBe('cancel\n');
  });
});
