import { createHmac } from 'node:crypto';
import type { AlertNotifier } from '../../ports/alert-notifier.ts';
import type { Clock } from '../../ports/clocks.ts';

export interface WebhookOptions {
  readonly url: string;
  /** Shared with the receiver. */
  readonly secret: Uint8Array;
  /** The machine clock: receivers refuse old signatures. */
  readonly clock: Clock;
  /** How long the receiver may take; 10 s. */
  readonly timeoutMs?: number | undefined;
}

/** The receiver answered, and did not take the message. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused';
  readonly status: number;

  constructor(host: string, status: number) {
    super(`the webhook at ${host} answered ${status}: it must answer 2xx to take a message`);
    this.status = status;
  }
}

const TIMEOUT_MS = 10_000;

/**
 * Posts notices as JSON, signed as Standard Webhooks has it (https://www.standardwebhooks.com): `webhook-signature` is
 * `v1,` and the base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`. Redirects are not followed.
 */
export function createWebhookNotifier({
  url,
  secret,
  clock,
  timeoutMs = TIMEOUT_MS,
}: WebhookOptions): AlertNotifier {
  return {
    send: async ({ id, event, alert }) => {
      const timestamp = Math.floor(clock.now().getTime() / 1_000);
      const body = JSON.stringify({
        type: `alert.${event}`,
        timestamp: clock.now().toISOString(),
        data: alert,
      });
      const signature = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64');
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': `v1,${signature}`,
        },
      });
      await response.body?.cancel();
      if (!response.ok) throw new WebhookRefused(new URL(url).host, response.status);
    },
  };
}
