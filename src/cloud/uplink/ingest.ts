import type { Logger } from 'pino';
import { streamId } from '../../events/stream-id.ts';
import type { AnswerStatus } from '../../machines/deployment.ts';
import {
  type DeviceReport,
  type ForecastMessage,
  readUplink,
  type SaidByDevice,
  type TelemetryMessage,
} from '../../ota/messages.ts';
import { MalformedMessage } from '../../ota/wire.ts';
import type { UplinkHandler, UplinkKind } from '../../ports/device-link.ts';
import type { ForecastHour } from '../../ports/telemetry.ts';
import { inLog, inSpan } from '../../ports/tracing.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { suspectReadings } from '../suspect-readings.ts';
import { createJournalCopies } from './journal-copies.ts';
import { aboutMessage, placeOfMessage } from './message-span.ts';
import { futureReadings, isFuture } from './readings.ts';
import { createStatements } from './statements.ts';
import type { UplinkRefusal, Verdict } from './verdict.ts';

export interface UplinkObserver {
  accepted(kind: UplinkKind): void;
  refused(kind: UplinkKind, refusal: UplinkRefusal): void;
  /** An answer that was folded before; it is accepted, and nothing is written. */
  repeated(): void;
  /** A deployment was settled by its device, so many seconds of the site clock after it was offered. */
  answered(status: AnswerStatus, seconds: number): void;
  /** Hours that were measured a hundred times too high. */
  suspect?(hours: number): void;
  /** A device said how its month's data stands to its bound. */
  dataUse?(level: DataLevel): void;
}

type DataLevel = NonNullable<DeviceReport['data']>['level'];

/** By how much a device's clock may run ahead when a new hour begins. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

type UplinkDependencies = Pick<
  CloudDependencies,
  'log' | 'actors' | 'telemetry' | 'forecasts' | 'clocks' | 'link' | 'tracing'
>;

/** The hours, each with what its chance of exceedance is about: on the way it is said once, to save data. */
const hoursOf = ({ hours, exceedanceBasis }: ForecastMessage): readonly ForecastHour[] =>
  hours.map(({ exceedanceProbability, ...hour }) =>
    exceedanceProbability === undefined || exceedanceBasis === undefined
      ? hour
      : { ...hour, exceedanceProbability, exceedanceBasis },
  );

export function createUplinkIngest(
  cloud: UplinkDependencies,
  observer: UplinkObserver,
  root: Logger,
): UplinkHandler {
  const { log, telemetry, forecasts, clocks, tracing } = cloud;
  const statements = createStatements(cloud, observer);
  const journals = createJournalCopies(cloud, observer.repeated);

  async function takeReadings(
    systemId: string,
    { readings }: TelemetryMessage,
    logger: Logger,
  ): Promise<Verdict | null> {
    const future = futureReadings(readings, clocks.site.now());
    if (future.length > 0)
      return { refusal: 'future-readings', detail: `readings from ${future[0]} on lie in the future` };
    await telemetry.write(systemId, readings);
    const suspect = await suspectReadings(telemetry, systemId, readings);
    if (suspect.length > 0) {
      observer.suspect?.(suspect.length);
      logger.warn({ suspect }, 'readings a hundred times the usual load: check the unit of the meter');
    }
    return null;
  }

  /** One that a fast clock dated ahead would be the latest until that time has come. */
  async function takeForecast(systemId: string, message: ForecastMessage): Promise<Verdict | null> {
    const { deviceId, issuedAt, version, modelType } = message;
    const latest = new Date(clocks.site.now().getTime() + CLOCK_TOLERANCE_MS);
    if (isFuture(issuedAt, latest)) {
      return {
        refusal: 'future-forecast',
        detail: `a forecast issued at ${issuedAt} lies in the future: set the device's clock`,
      };
    }
    await forecasts.save({ systemId, issuedAt, version, modelType, deviceId, hours: hoursOf(message) });
    return null;
  }

  function noteData({ deviceId, data }: DeviceReport, logger: Logger): void {
    if (data === undefined) return;
    observer.dataUse?.(data.level);
    if (data.level !== 'within')
      logger.warn({ deviceId, ...data }, 'a device has used most of its data of this month');
  }

  function takeFrom(
    systemId: string,
    { kind, message }: SaidByDevice,
    logger: Logger,
  ): Promise<Verdict | null> {
    switch (kind) {
      case 'ack':
        return statements.takeAck(systemId, message);
      case 'state':
        noteData(message, logger);
        return statements.takeReport(systemId, message);
      case 'telemetry':
        return takeReadings(systemId, message, logger);
      case 'forecast':
        return takeForecast(systemId, message);
      case 'journal':
        return journals.take(systemId, message, logger);
      case 'progress': {
        const { phase, version, share } = message;
        logger.debug({ phase, version, share }, 'device progress');
        return Promise.resolve(null);
      }
    }
  }

  async function verdictOn(systemId: string, said: SaidByDevice, logger: Logger): Promise<Verdict | null> {
    const { deviceId } = said.message;
    if (deviceId !== (await log.lookup('active-device', systemId))) {
      return { refusal: 'foreign-device', detail: `${deviceId} is not the active device of this site` };
    }
    return takeFrom(systemId, said, logger);
  }

  function tell(kind: UplinkKind, verdict: Verdict | null, logger: Logger): void {
    if (verdict === null) {
      observer.accepted(kind);
      return;
    }
    observer.refused(kind, verdict.refusal);
    logger.warn({ ...verdict }, 'device message refused');
  }

  async function take(
    systemId: string,
    said: SaidByDevice,
    tellAbout: Parameters<UplinkHandler>[1],
  ): Promise<void> {
    const { kind } = said;
    const known = aboutMessage(systemId, said);
    tellAbout?.(known);
    const place = await placeOfMessage(cloud, systemId, said);
    await inSpan(tracing, `receive ${kind}`, place, async (span) => {
      const about = { ...known, ...inLog(span) };
      tellAbout?.(about);
      const logger = root.child(about);
      const verdict = await verdictOn(systemId, said, logger);
      if (verdict !== null) span.fail(verdict.refusal);
      tell(kind, verdict, logger);
    });
  }

  /** The same bytes are wrong again at every delivery: refused for good. Other errors ask for another delivery. */
  return async ({ kind, systemId, payload }, tellAbout) => {
    try {
      await take(systemId, readUplink(kind, payload), tellAbout);
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error;
      const stream = streamId('site', systemId);
      tell(kind, { refusal: 'malformed', detail: error.message }, root.child({ systemId, kind, stream }));
    }
  };
}
