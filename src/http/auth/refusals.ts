import type { Scope } from '../principal.ts';
import { Problem } from '../problem/problem.ts';

/** Refusals of credentials, each with the challenge that RFC 6750 and RFC 7617 ask for. */

const REALM = 'realm="lifo4-ml"';
const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '')}"`;

export const unauthenticated = (detail: string): Problem =>
  new Problem(401, 'invalid-token', detail, {
    headers: {
      'www-authenticate': `Bearer ${REALM}, error="invalid_token", error_description=${quoted(detail)}`,
    },
  });

export function credentialMissing(deviceToo: boolean): Problem {
  const device = deviceToo ? ', or the credential of the site’s device with HTTP Basic' : '';
  const challenge = deviceToo ? `Bearer ${REALM}, Basic ${REALM}` : `Bearer ${REALM}`;
  return new Problem(
    401,
    'no-credential',
    `Send a token in the header \`Authorization: Bearer …\`${device}.`,
    { headers: { 'www-authenticate': challenge } },
  );
}

export const deviceRefused = (): Problem =>
  new Problem(
    401,
    'invalid-device',
    'No active device has this id and secret: check both, or whether it was revoked.',
    {
      headers: { 'www-authenticate': `Basic ${REALM}` },
    },
  );

export const deviceNotHere = (): Problem =>
  new Problem(
    403,
    'not-for-devices',
    'A device credential opens only its own site’s readings and models: use a token.',
  );

export const scopeMissing = (scope: Scope): Problem =>
  new Problem(403, 'insufficient-scope', `The token lacks the scope ${scope}: request one that has it.`, {
    headers: { 'www-authenticate': `Bearer ${REALM}, error="insufficient_scope", scope="${scope}"` },
    members: { scope },
  });
