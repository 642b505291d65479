import type { Clock } from '../ports/clocks.ts';
import type { CloudLink, DownlinkListener } from '../ports/cloud-link.ts';
import type { DeviceStore } from '../ports/device-store.ts';
import type { Fetch } from './credential.ts';

/** Bytes over the cloud's link in a month, by what they were for. */
export interface DataUse {
  /** Of the site clock, UTC: `2026-03`. */
  readonly month: string;
  readonly bytes: Readonly<Record<string, number>>;
}

/** What a site may use in a month for everything, bytes. */
export const MONTHLY_BYTES = 30 * 1024 * 1024;

export interface DataMeter {
  link(link: CloudLink): CloudLink;
  fetch(fetch: Fetch): Fetch;
  read(): DataUse;
  /** Writes down what is new. */
  save(): void;
}

const SETTING = 'data-use';
/** Headers of MQTT, TLS, TCP and IP of a message and of its acknowledgement. */
const MESSAGE_BYTES = 200;
/** A request and the headers of its answer, and the handshake of a connection that few share. */
const REQUEST_BYTES = 6_000;

/** What a device's store remembers of this month's use. */
export const readDataUse = (store: Pick<DeviceStore, 'setting'>): DataUse => {
  const value = store.setting(SETTING);
  return value === null ? { month: '', bytes: {} } : JSON.parse(value);
};

function purposeOf(address: string): string {
  const { pathname } = new URL(address);
  if (pathname.startsWith('/tuf')) return 'trust';
  return pathname.startsWith('/api/') ? 'history' : 'models';
}

/**
 * As announced: an answer that breaks off is counted whole, so that the meter never says too little. One that does not
 * say its length, as proxies that compress make it, is counted as it comes.
 */
function counted(response: Response, spend: (bytes: number) => void): Response {
  const length = response.headers.get('content-length');
  if (length !== null) spend(Number(length));
  if (length !== null || response.body === null) return response;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      spend(chunk.length);
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), response);
}

/** Counts what goes over the link to the cloud. Estimates the framing; what a page costs the operator is near it. */
export function createDataMeter(
  store: Pick<DeviceStore, 'setting' | 'saveSetting'>,
  siteClock: Clock,
): DataMeter {
  let use = readDataUse(store);
  let isNew = false;

  function spend(purpose: string, bytes: number): void {
    const month = siteClock.now().toISOString().slice(0, 7);
    const before = use.month === month ? use.bytes : {};
    use = { month, bytes: { ...before, [purpose]: (before[purpose] ?? 0) + bytes } };
    isNew = true;
  }

  const metered =
    (purpose: string, listener: DownlinkListener): DownlinkListener =>
    (payload) => {
      spend(purpose, MESSAGE_BYTES + (payload?.length ?? 0));
      listener(payload);
    };

  return {
    link: (link) => ({
      ...link,
      publish: (kind, payload) => {
        spend(kind, MESSAGE_BYTES + payload.length);
        return link.publish(kind, payload);
      },
      onDesired: (listener) => link.onDesired(metered('desired', listener)),
      onConfig: (listener) => link.onConfig(metered('config', listener)),
      onCopied: (listener) => link.onCopied(metered('journal', listener)),
    }),
    fetch: (fetch) => async (address, init) => {
      const response = await fetch(address, init);
      const purpose = purposeOf(address);
      spend(purpose, REQUEST_BYTES);
      return counted(response, (bytes) => spend(purpose, bytes));
    },
    read: () => use,
    save() {
      if (!isNew) return;
      store.saveSetting(SETTING, JSON.stringify(use));
      isNew = false;
    },
  };
}
