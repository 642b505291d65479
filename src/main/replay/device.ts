import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Device } from '../../edge/device.ts';
import { createSteadyClock } from '../../edge/steady-clock.ts';
import type { Clock, Clocks } from '../../ports/clocks.ts';
import type { CloudLink } from '../../ports/cloud-link.ts';
import { readDeviceSettings } from '../device-settings.ts';
import { openDevice } from '../run-device.ts';

/** What matters of a forecast that went out. */
export interface SentForecast {
  readonly issuedAt: string;
  /** Null where no model served. */
  readonly version: string | null;
}

/** The site's device on the replay's clock, in this process. */
export interface ReplayDevice {
  readonly device: Device;
  /** The newest forecast that the broker took from it; null before there is one. */
  sent(): SentForecast | null;
}

export interface OpenReplayDeviceOptions {
  readonly settingsFile: string;
  readonly dataDir: string;
  readonly clocks: Clocks;
  readonly logger: Logger;
}

/** Durations pass while the machine works, and with every step of the site clock: neither wait is endless. */
function steadyOver(site: Clock): Clock {
  const machine = createSteadyClock();
  const begun = site.now().getTime();
  return { now: () => new Date(machine.now().getTime() + site.now().getTime() - begun) };
}

/** Notes the forecasts that went out; they are the device's own, and need no suspicion. */
function watchLink(link: CloudLink, onForecast: (forecast: SentForecast) => void): CloudLink {
  return {
    ...link,
    async publish(kind, payload) {
      await link.publish(kind, payload);
      if (kind === 'forecast') onForecast(JSON.parse(new TextDecoder().decode(payload)));
    },
  };
}

/** Opens the device of a settings file; it is started by the caller. */
export async function openReplayDevice({
  settingsFile,
  dataDir,
  clocks,
  logger,
}: OpenReplayDeviceOptions): Promise<ReplayDevice> {
  const settings = await readDeviceSettings(settingsFile);
  let sent: SentForecast | null = null;
  const note = ({ issuedAt, version }: SentForecast): void => {
    sent = { issuedAt, version };
  };
  const surroundings = {
    clocks,
    steady: steadyOver(clocks.site),
    sitePace: clocks.site,
    // A year of hours, each with a handful of commits; what a power cut took can be replayed.
    durable: false,
    wrapLink: (link: CloudLink) => watchLink(link, note),
  };
  const about = logger.child({ part: 'device', folder: join(dataDir, 'devices') });
  return { device: await openDevice(settings, surroundings, about), sent: () => sent };
}
