import { describe, expect, it } from 'vitest';
import { createLogger } from './logging.ts';

function written(
  log: (logger: ReturnType<typeof createLogger>) => void,
  secrets: readonly string[] = [],
): string {
  const lines: string[] = [];
  log(createLogger({ level: 'trace', secrets }, { write: (line) => void lines.push(line) }));
  for (const line of lines) JSON.parse(line);
  return lines.join('');
}

const SECRET = 'c0rrect-horse"battery';
const JWT = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJlLW9mLWl0';

describe('the log', () => {
  it.each([
    ['a field', { password: SECRET }],
    [
      'a field below others',
      { device: { settings: { secret: SECRET, LIFO4_ALERT_WEBHOOK_SECRET: SECRET } } },
    ],
    ['a header', { headers: { authorization: `Bearer ${JWT}`, 'x-api-key': SECRET } }],
    ['a text with a header', { reason: `sent Authorization: Bearer ${JWT}` }],
    ['a token alone', { reason: `cannot read ${JWT}` }],
    [
      'an address with a login',
      { url: 'postgres://lifo4:hunter2-hunter2@db:5432/x', err: new Error('nats://a:hunter2-hunter2@h') },
    ],
    [
      'a signed address',
      { url: 'https://s3/x?X-Amz-Credential=AKIAhunter2-hunter2&X-Amz-Signature=hunter2-hunter2' },
    ],
    ['a key', { text: '-----BEGIN PRIVATE KEY-----\nhunter2-hunter2\n-----END PRIVATE KEY-----' }],
  ])('has no secret of %s', (_where, fields) => {
    const text = written((logger) => logger.child({ part: 'p' }).warn(fields, 'said'));
    for (const secret of ['horse', JWT, 'c2lnbmF0dXJl', 'hunter2']) expect(text).not.toContain(secret);
    expect(text).toContain('[removed]');
  });

  it('has no value that a setting gave as a secret, wherever it stands', () => {
    expect(written((logger) => logger.info(`the server said ${SECRET}`), [SECRET])).not.toContain('horse');
  });

  it('keeps the rest as it is', () => {
    const text = written((logger) =>
      logger.info({ url: 'https://ml.example.com:8420/x?page=2', tokens: 3 }, 'fine'),
    );
    expect(text).toContain('https://ml.example.com:8420/x?page=2');
    expect(text).toContain('"tokens":3');
  });
});
