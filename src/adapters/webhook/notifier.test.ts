import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createWebhookNotifier, WebhookRefused } from './notifier.ts';

const secret = new TextEncoder().encode('a shared secret of the two');
const clock = { now: () => new Date('2026-03-20T12:00:00Z') };
const notice = { id: 'alert-1@1#1', event: 'opened', alert: { rule: 'daily-mape' } };

let server: Server | null = null;
afterEach(() => {
  server?.close();
});

/** A receiver that answers `status` and tells what it got. */
async function receiver(status: number, headers = {}) {
  const got: { body: string; headers: Record<string, unknown> }[] = [];
  const made = createServer((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += part;
    });
    request.on('end', () => {
      got.push({ body, headers: request.headers });
      response.writeHead(status, headers).end();
    });
  });
  server = made;
  await once(made.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}/hook`, got };
}

describe('a webhook', () => {
  it('gets the notice with a signature over id, time and body', async () => {
    const { url, got } = await receiver(204);
    await createWebhookNotifier({ url, secret, clock }).send(notice);
    const [{ body, headers }] = got as [(typeof got)[0]];
    expect(JSON.parse(body)).toEqual({
      type: 'alert.opened',
      timestamp: '2026-03-20T12:00:00.000Z',
      data: { rule: 'daily-mape' },
    });
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
    const expected = createHmac('sha256', secret).update(signed).digest('base64');
    expect(headers['webhook-signature']).toBe(`v1,${expected}`);
    expect(headers['webhook-id']).toBe(notice.id);
  });

  it.each([500, 404, 302])('that answers %i did not take it', async (status) => {
    const { url, got } = await receiver(status, { location: 'http://127.0.0.1:1/' });
    const sending = createWebhookNotifier({ url, secret, clock }).send(notice);
    await expect(sending).rejects.toBeInstanceOf(WebhookRefused);
    expect(got).toHaveLength(1);
  });
});
