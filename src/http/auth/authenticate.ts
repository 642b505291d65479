import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DeviceCredentials } from '../../ports/device-credentials.ts';
import { type Access, type Device, holds, type Person, type Principal } from '../principal.ts';
import {
  credentialMissing,
  deviceNotHere,
  deviceRefused,
  scopeMissing,
  unauthenticated,
} from './refusals.ts';
import type { TokenVerifier } from './token-verifier.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What the route asks of its caller; every route says so. */
    access?: Access;
  }
  interface FastifyRequest {
    /** Who calls; null without a credential. */
    principal: Principal | null;
  }
}

type Credential =
  | { readonly scheme: 'bearer'; readonly token: string }
  | { readonly scheme: 'basic'; readonly deviceId: string; readonly secret: string };

function basicOf(encoded: string): Credential | null {
  const decoded = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = decoded.indexOf(':');
  if (colon <= 0) return null;
  return { scheme: 'basic', deviceId: decoded.slice(0, colon), secret: decoded.slice(colon + 1) };
}

/** Null when the header is of neither form. */
function parseAuthorization(header: string): Credential | null {
  const [, scheme = '', rest = ''] = /^(\S+) +(\S+)$/.exec(header.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { scheme: 'bearer', token: rest };
    case 'basic':
      return basicOf(rest);
  }
  return null;
}

export interface Authenticator {
  /** Who the header speaks for. Rejects with a 401 problem. */
  authenticate(header: string): Promise<Principal>;
}

export function createAuthenticator(tokens: TokenVerifier, devices: DeviceCredentials): Authenticator {
  async function device(deviceId: string, secret: string): Promise<Device> {
    const known =
      deviceId.length <= 100 && secret.length <= 200 ? await devices.verify(deviceId, secret) : null;
    if (known === null) throw deviceRefused();
    return { kind: 'device', ...known };
  }
  return {
    authenticate: async (header) => {
      const credential = parseAuthorization(header);
      if (credential === null)
        throw unauthenticated(
          'The Authorization header cannot be read: send `Authorization: Bearer <token>`.',
        );
      return credential.scheme === 'bearer'
        ? tokens.verify(credential.token)
        : device(credential.deviceId, credential.secret);
    },
  };
}

function admitDevice(access: Access): void {
  if (access.kind !== 'person-or-device') throw deviceNotHere();
}

function admit(access: Access, principal: Principal | null): void {
  if (access.kind === 'public') return;
  if (principal === null) {
    if (access.kind === 'optional') return;
    throw credentialMissing(access.kind === 'person-or-device');
  }
  if (principal.kind === 'device') admitDevice(access);
  else if (!holds(principal, access.scope)) throw scopeMissing(access.scope);
}

/** Checks every request before its body is read. A route that does not say what it asks for is not served. */
export function installAuthentication(app: FastifyInstance, authenticator: Authenticator): void {
  app.decorateRequest('principal', null);
  app.addHook('onRoute', ({ url, config }) => {
    if (config?.access === undefined) throw new Error(`route ${url} does not say what it asks of its caller`);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access.kind === 'public') return done();
    const { authorization } = request.headers;
    if (authorization === undefined) {
      admit(access, null);
      return done();
    }
    authenticator
      .authenticate(authorization)
      .then((principal) => {
        request.principal = { ...principal, request: request.id };
        admit(access, principal);
      })
      .then(() => done(), done);
  });
}

/** The caller of a route that asks for a credential. */
export function principalOf(request: Pick<FastifyRequest, 'principal'>): Principal {
  if (request.principal === null) throw credentialMissing(false);
  return request.principal;
}

/** The bearer of the token on a route for persons. */
export function personOf(request: Pick<FastifyRequest, 'principal'>): Person {
  const principal = principalOf(request);
  if (principal.kind === 'device') throw deviceNotHere();
  return principal;
}
