/** Who a device is: checked by the broker and by HTTP from the same records. */
export interface DeviceIdentity {
  readonly deviceId: string;
  readonly systemId: string;
  readonly tenant: string;
}

export interface DeviceCredentials {
  /** Stores a new device's secret as a salted hash. */
  add(device: DeviceIdentity, secret: string): Promise<void>;
  /** The device whose secret this is, or null: unknown, wrong or revoked. */
  verify(deviceId: string, secret: string): Promise<DeviceIdentity | null>;
  revoke(deviceId: string): Promise<void>;
}
