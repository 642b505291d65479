/** Who a device is: checked by the broker and by HTTP from the same records. */
export interface DeviceIdentity {
  readonly deviceId: string;
  readonly systemId: string;
  readonly tenant: string;
}

/** The device id is taken: by another site's device, or by one that was revoked and never comes back. */
export class CredentialRefused extends Error {
  override readonly name = 'CredentialRefused';
  readonly deviceId: string;

  constructor(deviceId: string) {
    super(`device ${deviceId} is revoked or belongs to another site: add the device under a new id`);
    this.deviceId = deviceId;
  }
}

export interface DeviceCredentials {
  /**
   * Stores a device's secret as a salted hash; again with the same identity, it replaces the secret. Throws
   * {@link CredentialRefused}.
   */
  add(device: DeviceIdentity, secret: string): Promise<void>;
  /** The device whose secret this is, or null: unknown, wrong or revoked. */
  verify(deviceId: string, secret: string): Promise<DeviceIdentity | null>;
  revoke(deviceId: string): Promise<void>;
}
