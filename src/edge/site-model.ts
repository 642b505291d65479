import { METADATA } from '../forecasting/artifact.ts';
import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { BridgedHistory } from '../forecasting/cleaning/history.ts';
import type { EventFlags } from '../forecasting/features/event-flags.ts';
import { parseLayout, UnknownLayout } from '../forecasting/features/layout.ts';
import { type ForecastHour, forecastAt } from '../forecasting/forecast-at.ts';
import { type LoadModel, type ModelSession, UnusableModel } from '../forecasting/inference.ts';
import type { Outlook } from '../forecasting/series.ts';
import { ModelRejected, messageOf } from './refusals.ts';

/** What a forecast is made from. */
export interface Situation {
  /** Epoch ms of the first hour not yet seen. */
  readonly issueTime: number;
  readonly history: BridgedHistory;
  readonly calendar: Calendar;
  readonly eventFlags: EventFlags;
  readonly outlook: Outlook;
}

/** A model of this site, loaded. */
export interface SiteModel {
  readonly layoutVersion: number;
  /** 48 hours. Rejects with `UnusableModel` when what comes out is no forecast. */
  forecast(situation: Situation): Promise<readonly ForecastHour[]>;
  close(): Promise<void>;
}

/** What the file must say of itself. */
interface ModelIdentity {
  readonly systemId: string;
  readonly version: string;
}

/** Loads verified bytes as a model of this site. Rejects with {@link ModelRejected}, saying why it is none. */
export type OpenSiteModel = (bytes: Uint8Array, identity: ModelIdentity) => Promise<SiteModel>;

async function load(loadModel: LoadModel, bytes: Uint8Array): Promise<ModelSession> {
  try {
    return await loadModel(bytes);
  } catch (error) {
    if (error instanceof UnusableModel) throw new ModelRejected('unusable-model', error.message);
    throw error;
  }
}

function layoutOf(metadata: ModelSession['metadata']): number {
  try {
    return parseLayout(metadata[METADATA.layout]).version;
  } catch (error) {
    if (error instanceof UnknownLayout) throw new ModelRejected('unknown-layout', messageOf(error));
    throw error;
  }
}

function refuseStranger(metadata: ModelSession['metadata'], { systemId, version }: ModelIdentity): void {
  const site = metadata[METADATA.site];
  if (site !== systemId)
    throw new ModelRejected('wrong-site', `the file was made for ${site ?? 'no site'}, not for ${systemId}`);
  const found = metadata[METADATA.version];
  if (found !== version)
    throw new ModelRejected('wrong-version', `the file says ${found ?? 'nothing'}, ${version} was offered`);
}

export const createModelOpener =
  (loadModel: LoadModel): OpenSiteModel =>
  async (bytes, identity) => {
    const session = await load(loadModel, bytes);
    try {
      refuseStranger(session.metadata, identity);
      return {
        layoutVersion: layoutOf(session.metadata),
        forecast: (situation) => forecastAt({ session, ...situation }),
        close: () => session.close(),
      };
    } catch (error) {
      await session.close();
      throw error;
    }
  };
