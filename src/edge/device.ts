import type { DeviceReport, ForecastMessage } from '../ota/messages.ts';
import type { Reading } from '../ports/telemetry.ts';
import { assembleDevice } from './assemble.ts';
import { type DeviceOptions, resolveOptions } from './device-options.ts';
import type { ShippingStatus } from './journal-shipping.ts';
import { messageOf } from './refusals.ts';

/** What a device is doing, for people and for the local interface. */
interface DeviceStatus {
  readonly connected: boolean;
  /** What the cloud is told as the device's state. */
  readonly report: DeviceReport;
  readonly forecast: ForecastMessage | null;
  /** How much of the journal the cloud has. */
  readonly journal: ShippingStatus;
}

/** The edge node: follows the desired state, forecasts every hour, reports what is measured. */
export interface Device {
  /** Takes up what a power cut interrupted, and connects; returns without waiting for the connection. */
  start(): Promise<void>;
  /** Stores measured hours, to be reported. Throws `MalformedMessage`. Returns how many brought something new. */
  recordReadings(readings: readonly Reading[]): number;
  status(): DeviceStatus;
  /** Ends everything, the link and the store with it. What was under way goes on at the next start. */
  close(): Promise<void>;
}

export function createDevice(given: DeviceOptions): Device {
  const options = resolveOptions(given);
  const { link, store, logger, files, modelsFolder, timings } = options;
  const parts = assembleDevice(options);
  const { journal, history, site, uplink, shipping, desired, runner, forecaster } = parts;
  const endings: (() => unknown)[] = [];

  function tick(): void {
    try {
      runner.wake();
      desired.review();
      forecaster.consider();
      uplink.wake();
    } catch (error) {
      logger.error({ reason: messageOf(error) }, 'the device stumbled and goes on');
    }
    void history.fill();
  }

  function onStage(): void {
    parts.announce();
    parts.tellProgress();
    runner.wake();
    desired.review();
    forecaster.consider();
  }

  async function takeConfig(payload: Uint8Array | null): Promise<void> {
    if (await site.take(payload)) forecaster.consider();
  }

  function record(readings: readonly Reading[]): number {
    const changed = history.record(readings);
    if (changed > 0) {
      forecaster.consider();
      uplink.wake();
    }
    return changed;
  }

  /** A source that gives what cannot be stored is logged, and goes on giving. */
  function recordFromSource(readings: readonly Reading[]): void {
    try {
      record(readings);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'readings refused');
    }
  }

  function listen(): void {
    endings.push(
      journal.onChange(onStage),
      link.onDesired((payload) => desired.take(payload)),
      link.onConfig((payload) => {
        takeConfig(payload).catch((error: unknown) => logger.error({ reason: messageOf(error) }, 'config'));
      }),
      link.onCopied((payload) => {
        if (shipping.take(payload)) uplink.wake();
      }),
      link.onConnected(() => {
        logger.info('connected to the cloud');
        shipping.restart();
        parts.announce();
        void history.fill();
      }),
      link.onDisconnected((reason) => logger.warn({ reason: reason?.message }, 'no connection to the cloud')),
    );
  }

  return {
    recordReadings: record,
    status: () => ({
      connected: link.connected(),
      report: parts.report(),
      forecast: forecaster.latest(),
      journal: shipping.status(),
    }),
    async start() {
      await files.makeFolder(modelsFolder);
      listen();
      link.start();
      if (given.readings !== undefined) endings.push(given.readings(recordFromSource));
      const ticker = setInterval(tick, timings.tickMs);
      endings.push(() => clearInterval(ticker));
      tick();
    },
    async close() {
      for (const end of endings.splice(0)) await end();
      const sending = uplink.close();
      await Promise.all([runner.close(), desired.close(), link.close()]);
      await sending;
      await forecaster.close();
      store.close();
    },
  };
}
