/** The conversation with devices, seen from the cloud. Transport only: the log is the truth. */

export const UPLINK_KINDS = ['ack', 'state', 'progress', 'forecast', 'telemetry', 'journal'] as const;
export type UplinkKind = (typeof UPLINK_KINDS)[number];

/** A message from a device, unvalidated. */
export interface UplinkMessage {
  readonly kind: UplinkKind;
  readonly systemId: string;
  readonly payload: Uint8Array;
}

/** Takes a message; `tell` is given what lines of the log about it are to carry, as soon as that is known. */
export type UplinkHandler = (
  message: UplinkMessage,
  tell?: (about: Readonly<Record<string, unknown>>) => void,
) => Promise<void>;

export interface DeviceLink {
  /** Retains the site's desired state; null clears it. Resolves when the broker has it. */
  publishDesired(systemId: string, payload: Uint8Array | null): Promise<void>;
  /** Retains the site's open alerts; null clears them. */
  publishAlerts(systemId: string, payload: Uint8Array | null): Promise<void>;
  publishConfig(systemId: string, payload: Uint8Array | null): Promise<void>;
  /** Retains how far the journal of the site's device is copied. */
  publishCopied(systemId: string, payload: Uint8Array | null): Promise<void>;
  /**
   * Delivers every uplink message at least once. A handler that throws gets the message again (where the
   * transport can); one that resolves has acknowledged it. Returns the unsubscription.
   */
  onUplink(handler: UplinkHandler): Promise<() => Promise<void>>;
  /** Whether the broker is reached at this moment. */
  connected(): boolean;
  /** Calls back on every (re)connection: outstanding desired states are published again then. */
  onConnected(listener: () => void): () => void;
  close(): Promise<void>;
}
