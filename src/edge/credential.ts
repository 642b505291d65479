/** How a device names itself to the cloud's HTTP: basic authentication with its id and secret. */
export interface DeviceCredential {
  readonly deviceId: string;
  readonly secret: string;
}

export const authorization = ({ deviceId, secret }: DeviceCredential): string =>
  `Basic ${Buffer.from(`${deviceId}:${secret}`, 'utf8').toString('base64')}`;

/** The part of the platform's `fetch` that is used here. */
export type Fetch = (address: string, init: RequestInit) => Promise<Response>;
