import type { Caller } from '../cloud/control-plane.ts';

/** Who is calling, and what a route asks of a caller. */

export const SCOPES = ['ml:read', 'ml:train', 'ml:deploy', 'telemetry:write', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** The bearer of a token: a person or a program that acts for a tenant. */
export interface Person {
  readonly kind: 'person';
  /** Opaque subject of the token; goes into the facts. */
  readonly actor: string;
  readonly tenant: string;
  /** The only sites that the token opens, or null when it opens all of the tenant's. */
  readonly systems: ReadonlySet<string> | null;
  readonly scopes: ReadonlySet<Scope>;
  readonly expiresAt: Date;
}

export interface Device {
  readonly kind: 'device';
  readonly deviceId: string;
  readonly systemId: string;
  readonly tenant: string;
}

/** Who calls, by which request. */
export type Principal = (Person | Device) & { readonly request?: string };

/**
 * What a route asks for. `optional`: no credential gives the public view, a token must be valid and hold the
 * scope. `person-or-device`: a token with the scope, or the device of the site that the route names.
 */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'optional'; readonly scope: Scope }
  | { readonly kind: 'person'; readonly scope: Scope }
  | { readonly kind: 'person-or-device'; readonly scope: Scope };

export const open: Access = { kind: 'public' };
export const optionally = (scope: Scope): Access => ({ kind: 'optional', scope });
export const needs = (scope: Scope): Access => ({ kind: 'person', scope });
export const needsOrDevice = (scope: Scope): Access => ({ kind: 'person-or-device', scope });

/** `admin` holds every other scope. */
export const holds = (person: Person, scope: Scope): boolean =>
  person.scopes.has(scope) || person.scopes.has('admin');

/** Whether the principal's credential reaches this site at all; whose site it is, the control plane tells. */
export function reaches(principal: Principal, systemId: string | null): boolean {
  if (principal.kind === 'device') return principal.systemId === systemId;
  return principal.systems === null || (systemId !== null && principal.systems.has(systemId));
}

export const callerOf = (principal: Principal): Caller => ({
  actor: principal.kind === 'device' ? principal.deviceId : principal.actor,
  tenant: principal.tenant,
  ...(principal.request === undefined ? {} : { request: principal.request }),
});
