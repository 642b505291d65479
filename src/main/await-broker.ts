import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudLoginOptions, cloudSession } from '../adapters/mqtt/publisher.ts';
import { LoginRefused, openSession } from '../adapters/mqtt/session.ts';
import type { DeviceLink } from '../ports/device-link.ts';
import { speaksNoTls } from '../ports/no-tls.ts';
import { BadSetting } from './settings/read.ts';

const LOOK_MS = 20;

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_OSSL)/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** What the first refusal means, and which setting mends it; null for a broker that may only be starting yet. */
function definite(error: unknown, host: string): BadSetting | null {
  if (error instanceof LoginRefused)
    return new BadSetting('MQTT_URL', `the broker at ${host} refuses the login: check user and password`);
  if (speaksNoTls(error))
    return new BadSetting(
      'MQTT_URL',
      `the broker at ${host} speaks no TLS: write mqtt:// instead of mqtts://, or the port of its TLS listener`,
    );
  if (TLS_CODE.test(codeOf(error)))
    return new BadSetting(
      'LIFO4_BROKER_CA',
      `the certificate of the broker at ${host} is not trusted (${codeOf(error)}): name the issuer's file, and in MQTT_URL the name that the certificate carries`,
    );
  return null;
}

function silent(error: unknown, url: string): BadSetting {
  const { host, protocol } = new URL(url);
  const advice =
    protocol === 'mqtts:' && codeOf(error) === 'ECONNRESET'
      ? 'does the port speak TLS? If not, write mqtt://'
      : 'check that it runs, and the address';
  const reason = codeOf(error) || 'no word from it';
  return new BadSetting('MQTT_URL', `the broker at ${host} does not answer (${reason}): ${advice}`);
}

/** Looks once why a connection may not come about, with a session of its own. */
function lookOnce(login: CloudLoginOptions) {
  const { clientId, ...about } = cloudSession(login, 'publisher');
  const session = openSession({
    ...about,
    clientId: `${clientId}-check`,
    ...{ clean: true, subscriptions: {}, onMessage: () => undefined },
  });
  let failure: unknown = null;
  const looked = session.ready.catch((error: unknown) => {
    failure = error;
  });
  return {
    failure: () => failure,
    end: async () => {
      await session.end();
      await looked;
    },
  };
}

/**
 * A broker that is not there at the start is a wrong setting; one that goes away later comes back. One that refuses
 * is told of at once, one that does not answer after `patienceMs`. Throws {@link BadSetting}.
 */
export async function awaitBroker(
  link: Pick<DeviceLink, 'connected'>,
  login: CloudLoginOptions,
  patienceMs: number,
): Promise<void> {
  const { host } = new URL(login.url);
  const until = performance.now() + patienceMs;
  const look = lookOnce(login);
  try {
    while (!link.connected()) {
      const refusal = definite(look.failure(), host);
      if (refusal !== null) throw refusal;
      if (performance.now() > until) {
        throw silent(look.failure(), login.url);
      }
      await sleep(LOOK_MS);
    }
  } finally {
    await look.end();
  }
}
