import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Device } from '../../edge/device.ts';
import { createSteadyClock } from '../../edge/steady-clock.ts';
import { readUplink } from '../../ota/messages.ts';
import type { Clock, Clocks } from '../../ports/clocks.ts';
import type { CloudLink } from '../../ports/cloud-link.ts';
import { readDeviceSettings } from '../device-settings.ts';
import { openDevice } from '../run-device.ts';

/** The site's device on the replay's clock, in this process. */
export interface ReplayDevice {
  readonly device: Device;
  /** When the newest forecast that the broker took from it was issued; null before there is one. */
  sent(): string | null;
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

/** Notes the forecasts that went out. */
function watchLink(link: CloudLink, onForecast: (issuedAt: string) => void): CloudLink {
  return {
    ...link,
    async publish(kind, payload) {
      await link.publish(kind, payload);
      if (kind !== 'forecast') return;
      const said = readUplink(kind, payload);
      if (said.kind === 'forecast') onForecast(said.message.issuedAt);
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
  let sent: string | null = null;
  const note = (issuedAt: string): void => {
    sent = issuedAt;
  };
  const surroundings = {
    clocks,
    steady: steadyOver(clocks.site),
    sitePace: clocks.site,
    wrapLink: (link: CloudLink) => watchLink(link, note),
  };
  const about = logger.child({ part: 'device', folder: join(dataDir, 'devices') });
  return { device: await openDevice(settings, surroundings, about), sent: () => sent };
}
