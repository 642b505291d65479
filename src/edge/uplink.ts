import type { Logger } from 'pino';
import { buildUplink, type DeviceReport, MAX_READINGS, type Progress } from '../ota/messages.ts';
import type { CloudLink } from '../ports/cloud-link.ts';
import type { DeviceStore, OutboxKind } from '../ports/device-store.ts';
import type { JournalShipping } from './journal-shipping.ts';
import { messageOf } from './refusals.ts';
import type { SendPace } from './send-pace.ts';

/** Sends what is to be sent, in order, whenever there is a connection; what is not acknowledged goes again. */
export interface Uplink {
  /** Sends what waits. */
  wake(): void;
  /** The retained report is out of date. */
  reportChanged(): void;
  /** For people: sent once, if there is a connection. */
  progress(progress: Omit<Progress, 'messageId' | 'deviceId'>): void;
  /** Nothing is being sent, and nothing that may go now waits. */
  isQuiet(): boolean;
  close(): Promise<void>;
}

export interface UplinkOptions {
  readonly deviceId: string;
  readonly store: DeviceStore;
  readonly link: CloudLink;
  readonly newId: () => string;
  readonly logger: Logger;
  readonly report: () => DeviceReport;
  readonly shipping: JournalShipping;
  readonly pace: SendPace;
}

type Send = () => Promise<void>;

export function createUplink({
  deviceId,
  store,
  link,
  newId,
  logger,
  report,
  shipping,
  pace,
}: UplinkOptions): Uplink {
  let isReportDue = true;
  let pumping: Promise<void> | null = null;
  let closed = false;

  function nextMessage(kind: OutboxKind): Send | null {
    const [message] = store.unsent(kind, 1);
    if (message === undefined) return null;
    return async () => {
      await link.publish(kind, message.payload);
      store.markSent(message.messageId);
    };
  }

  function nextForecast(): Send | null {
    const send = nextMessage('forecast');
    return send !== null && pace.mayGo('forecast') ? send : null;
  }

  function nextReport(): Send | null {
    if (!isReportDue || isAnswerPending()) return null;
    return async () => {
      isReportDue = false;
      try {
        await link.publish('state', buildUplink('state', report()));
      } catch (error) {
        isReportDue = true;
        throw error;
      }
    };
  }

  function nextReadings(): Send | null {
    const readings = store.unreportedReadings(MAX_READINGS);
    if (readings.length === 0 || !pace.mayGo('telemetry')) return null;
    return async () => {
      const message = { messageId: newId(), deviceId, readings: [...readings] };
      await link.publish('telemetry', buildUplink('telemetry', message));
      store.markReported(readings);
    };
  }

  function nextFacts(): Send | null {
    const facts = shipping.due();
    if (facts === null || !pace.mayGo('journal')) return null;
    return async () => {
      await link.publish('journal', facts);
      shipping.sent();
    };
  }

  /** A report that came before its ack would speak for it. */
  const isAnswerPending = () => store.pendingEffects().some(({ effect }) => effect.type === 'send-answer');

  /** Acks first: the cloud waits for them. */
  const next = (): Send | null =>
    nextMessage('ack') ?? nextReport() ?? nextFacts() ?? nextReadings() ?? nextForecast();

  async function pump(): Promise<void> {
    for (let send = next(); send !== null; send = next()) {
      if (closed || !link.connected()) return;
      await send();
    }
  }

  return {
    wake() {
      if (closed || pumping !== null || !link.connected()) return;
      pumping = pump()
        .catch((error: unknown) => {
          if (!closed) logger.warn({ reason: messageOf(error) }, 'a message was not sent, it will go again');
        })
        .finally(() => {
          pumping = null;
        });
    },
    reportChanged() {
      isReportDue = true;
    },
    progress(progress) {
      if (closed || !link.connected()) return;
      const message = buildUplink('progress', { ...progress, messageId: newId(), deviceId });
      link.publish('progress', message).catch((error: unknown) => {
        logger.debug({ reason: messageOf(error) }, 'progress was not sent');
      });
    },
    isQuiet: () => pumping === null && next() === null,
    async close() {
      closed = true;
      await pumping;
    },
  };
}
