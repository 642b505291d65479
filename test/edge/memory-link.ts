import type { CloudLink, DownlinkListener } from '../../src/ports/cloud-link.ts';
import { CloudLinkClosed } from '../../src/ports/cloud-link.ts';
import type { UplinkKind } from '../../src/ports/device-link.ts';

/** The broker's side of a device's link, for tests that start devices by the dozen. */
export interface MemoryBroker {
  /** Retained. */
  desired: Uint8Array | null | undefined;
  readonly sent: { readonly kind: UplinkKind; readonly message: Record<string, unknown> }[];
  publishDesired(payload: Uint8Array | null): void;
  publishConfig(payload: Uint8Array): void;
  /** Says how far the journal is copied. */
  publishCopied(payload: Uint8Array): void;
  /** A link that is connected as soon as it is started. */
  connect(): CloudLink;
  /** There is no connection until {@link comeBack}. */
  goAway(): void;
  comeBack(): void;
  /** Without it, nothing that is published is acknowledged. */
  acknowledges: boolean;
}

export function createMemoryBroker(): MemoryBroker {
  let isAway = false;
  let current: {
    readonly desired: Set<DownlinkListener>;
    readonly copied: Set<DownlinkListener>;
    readonly config: Set<DownlinkListener>;
    readonly connect: () => void;
    open: boolean;
  } | null = null;
  const broker: MemoryBroker = {
    desired: undefined,
    sent: [],
    acknowledges: true,
    publishDesired(payload) {
      broker.desired = payload;
      for (const listener of current?.open && !isAway ? current.desired : []) listener(payload);
    },
    goAway() {
      isAway = true;
    },
    comeBack() {
      isAway = false;
      current?.connect();
    },
    publishConfig(payload) {
      for (const listener of current?.open ? current.config : []) listener(payload);
    },
    publishCopied(payload) {
      for (const listener of current?.open ? current.copied : []) listener(payload);
    },
    connect() {
      const connected = new Set<() => void>();
      const connect = () => {
        for (const listener of connected) listener();
        if (broker.desired) broker.publishDesired(broker.desired);
      };
      const own = {
        ...{ desired: new Set<DownlinkListener>(), copied: new Set<DownlinkListener>() },
        config: new Set<DownlinkListener>(),
        ...{ connect, open: false },
      };
      current = own;
      const open = () => {
        own.open = true;
        connect();
      };
      return {
        start: open,
        async publish(kind, payload) {
          if (!own.open || isAway || !broker.acknowledges) throw new CloudLinkClosed();
          broker.sent.push({ kind, message: JSON.parse(new TextDecoder().decode(payload)) });
        },
        onDesired(listener) {
          own.desired.add(listener);
          return () => own.desired.delete(listener);
        },
        onConfig(listener) {
          own.config.add(listener);
          return () => own.config.delete(listener);
        },
        onCopied(listener) {
          own.copied.add(listener);
          return () => own.copied.delete(listener);
        },
        onConnected(listener) {
          connected.add(listener);
          return () => connected.delete(listener);
        },
        onDisconnected: () => () => undefined,
        connected: () => own.open && !isAway,
        async close() {
          own.open = false;
        },
      };
    },
  };
  return broker;
}
