import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { siteWithNewerVersion } from '../../test/http/newer-version.ts';
import { type ServerUnderTest, startServer } from '../../test/http/server-under-test.ts';
import { runProgram } from './program.ts';

let server: ServerUnderTest;
let token: string;

async function run(args: readonly string[]) {
  let [out, err] = ['', ''];
  const code = await runProgram(['rollout', ...args], {
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
    env: { LIFO4_URL: server.url, LIFO4_TOKEN: token },
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

const idOf = (json: string): string => JSON.parse(json).rolloutId;

describe('lifo4-ml rollout', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token();
    for (const site of ['plant-1', 'plant-2']) await siteWithNewerVersion(server, site);
    await vi.waitFor(async () => expect((await run(['plan'])).out).toContain('2 sites'), 10_000);
  });
  afterAll(() => server.close());

  it('plans site by site, without beginning anything', async () => {
    const { code, out } = await run(['plan', 'plant-2@1.1.0', 'plant-1@7.0.0', '--stages', '1,100%']);
    expect(code).toBe(0);
    expect(out).toContain('1 site: shadow of 7 days → 1 site (1)');
    expect(out).toMatch(/plant-2 +1\.0\.0 +1\.1\.0 +ensemble/);
    expect(out).toContain('plant-1: there is no version 7.0.0');
    expect((await run(['status'])).out).toContain('no rollout yet');
  });

  it('starts, shows, pauses, resumes, aborts and watches one', async () => {
    const started = await run(['start', '--note', 'a new recipe', '--json', '--idempotency-key', 'one']);
    expect(started).toMatchObject({ code: 0, err: '' });
    const id = idOf(started.out);
    expect(idOf((await run(['start', '--json', '--idempotency-key', 'one'])).out)).toBe(id);
    const shown = await run(['status', id]);
    expect(shown.out).toMatch(/note +a new recipe/);
    expect(shown.out).toMatch(/state +rolling/);
    expect(shown.out).toMatch(/stage +shadow, 1 of 3/);
    expect(shown.out).toMatch(/plant-1 +1\.0\.0 +1\.1\.0 +– +waiting/);
    expect(JSON.parse((await run(['status', id, '--json'])).out).items).toHaveLength(2);
    // What a terminal would obey is left out of what another person wrote.
    const paused = await run(['pause', id, '--reason', 'the \u001b]0;plant\u0007 is rebuilt']);
    expect(paused.out).toContain('paused: the  ]0;plant  is rebuilt');
    const watched = await run(['watch', id]);
    expect(watched).toMatchObject({ code: 1, err: expect.stringContaining('is paused: the  ]0;plant  is') });
    expect((await run(['resume', id, '--reason', 'done'])).out).toMatch(/state +rolling/);
    expect((await run(['abort', id, '--reason', 'wrong versions'])).out).toContain(
      'reverting: wrong versions',
    );
    const again = await run(['resume', id, '--reason', 'too late']);
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining('not possible') });
    await vi.waitFor(async () => expect((await run(['status'])).out).toMatch(/reverting +shadow/), 10_000);
  });

  it.each([
    ['stages', ['plan', '--stages', '0'], 2, /--stages/],
    ['a window', ['plan', '--window', 'night'], 2, /--window/],
    ['a share', ['plan', '--failures', '101'], 2, /--failures/],
    ['hours beyond the day', ['plan', '--window', '1-25'], 1, /toHour/],
    ['a site', ['plan', 'nowhere'], 1, /No site "nowhere"/],
    ['a rollout', ['status', 'nothing'], 1, /No rollout "nothing"/],
    ['no reason', ['abort', 'nothing'], 2, /--reason/],
  ])('refuses %s that cannot be', async (_, args, code, said) => {
    const refused = await run(args);
    expect(refused).toMatchObject({ code, err: expect.stringMatching(said) });
  });
});
