/** What the bench's processes call the same things by. */

export const TENANT = 'bench';
export const VERSION = '1.0.0';

export const siteOf = (n: number): string => `fleet-${n}`;
export const deviceOf = (n: number): string => `dev-fleet-${n}`;
export const secretOf = (n: number): string => `secret-of-device-${n}-in-the-bench`;
export const deploymentOf = (n: number): string => `deployment-fleet-${n}`;

export type DevicesAnswer =
  | { readonly kind: 'connected'; readonly seconds: number }
  | { readonly kind: 'failed'; readonly reason: string };

export type CloudAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'usage'; readonly peakMb: number; readonly cpuS: number };
