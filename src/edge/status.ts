import type { InstalledModel } from '../machines/device-update-model.ts';
import type { DeviceReport, ForecastMessage } from '../ota/messages.ts';
import type { DeviceStore, Waiting } from '../ports/device-store.ts';
import type { DataStatus } from './data-budget.ts';
import type { TimeStatus } from './device-time.ts';
import type { ShippingStatus } from './journal-shipping.ts';
import type { Logged } from './logbook.ts';

/** What a device is doing, for people and for the local interface. */
export interface DeviceStatus {
  /** Null where the device does not run and only its memory is read. */
  readonly connected: boolean | null;
  /** What the cloud is told as the device's state. */
  readonly report: DeviceReport;
  /** `forecast_previous.onnx`, which a rollback restores. */
  readonly previous: Pick<InstalledModel, 'version' | 'modelType' | 'deploymentId'> | null;
  readonly forecast: ForecastMessage | null;
  /** How much of the journal the cloud has. */
  readonly journal: ShippingStatus;
  readonly time: TimeStatus;
  /** What waits to be sent. */
  readonly outbox: Waiting;
  /** What this month's data was used for, without the pings of an idle connection (2 MB). */
  readonly data: DataStatus;
  /** What was dropped and refused. */
  readonly logged: Logged;
}

export type StatusParts = Omit<DeviceStatus, 'outbox' | 'previous'> & {
  readonly previous: InstalledModel | null;
};

export function statusOf(store: DeviceStore, { previous, ...parts }: StatusParts): DeviceStatus {
  const kept = previous && {
    version: previous.version,
    modelType: previous.modelType,
    deploymentId: previous.deploymentId,
  };
  return { ...parts, previous: kept, outbox: store.waiting() };
}
