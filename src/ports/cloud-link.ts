import type { UplinkKind } from './device-link.ts';

/** The conversation with the cloud, seen from one device. Transport only. */

/** Retained bytes as they came, unvalidated, or null when the cloud cleared them. */
export type DownlinkListener = (payload: Uint8Array | null) => void;

/** The broker answers, and refuses this device: its credential is unknown, wrong or revoked. */
export class CloudLinkRefused extends Error {
  override readonly name = 'CloudLinkRefused';
  readonly deviceId: string;

  constructor(deviceId: string, reason: string) {
    super(
      `the broker refuses device ${deviceId} (${reason}): check its id and secret, or whether it was revoked`,
    );
    this.deviceId = deviceId;
  }
}

/** The link was closed before the broker had the message. */
export class CloudLinkClosed extends Error {
  override readonly name = 'CloudLinkClosed';

  constructor() {
    super('the link to the cloud is closed: nothing was sent');
  }
}

/** The broker did not take the message in time; it may or may not have it, so send it again. */
export class CloudLinkTimeout extends Error {
  override readonly name = 'CloudLinkTimeout';
  readonly kind: UplinkKind;

  constructor(kind: UplinkKind, timeoutMs: number) {
    super(`the broker did not take a message of kind ${kind} within ${timeoutMs} ms: send it again`);
    this.kind = kind;
  }
}

export interface CloudLink {
  /**
   * Starts connecting and keeps at it, with backoff, until {@link close}; returns at once. Attach the listeners
   * before, so that nothing retained is missed.
   */
  start(): void;
  /**
   * Sends at QoS 1 (`state` is retained) and resolves when the broker has acknowledged it, which is not the
   * cloud's acceptance. Nothing is queued beyond the call: while there is no connection it waits for one, and
   * rejects with {@link CloudLinkTimeout} or {@link CloudLinkClosed}. The caller keeps what must not be lost.
   * Rejects with `MessageTooLarge` at once for a payload that no broker of ours takes.
   */
  publish(kind: UplinkKind, payload: Uint8Array): Promise<void>;
  /** The site's desired state: at every connect (retained) and at every change. Returns the unsubscription. */
  onDesired(listener: DownlinkListener): () => void;
  /** The site's configuration, likewise. */
  onConfig(listener: DownlinkListener): () => void;
  /** How far the device's journal is copied, likewise. */
  onCopied(listener: DownlinkListener): () => void;
  /** At every (re)connection, once all downlink topics are subscribed. */
  onConnected(listener: () => void): () => void;
  /** At every loss of the connection, and at every refusal with {@link CloudLinkRefused}. */
  onDisconnected(listener: (reason: Error | null) => void): () => void;
  connected(): boolean;
  close(): Promise<void>;
}
