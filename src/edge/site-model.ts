import { METADATA } from '../forecasting/artifact.ts';
import type { Calendar } from '../forecasting/calendar/calendar.ts';
import type { BridgedHistory } from '../forecasting/cleaning/history.ts';
import type { EventFlags } from '../forecasting/features/event-flags.ts';
import { type FeatureLayout, parseLayout, UnknownLayout } from '../forecasting/features/layout.ts';
import { type ForecastHour, forecastAt } from '../forecasting/forecast-at.ts';
import { HORIZON_HOURS, QUANTILE_LEVELS } from '../forecasting/horizon.ts';
import { type LoadModel, type ModelSession, UnusableModel } from '../forecasting/inference.ts';
import { type InspectedModel, inspectModel } from '../forecasting/inspect-model.ts';
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

/** What every artifact says of itself; without it nobody can tell what its rows mean. */
const REQUIRED = [METADATA.layoutVersion, METADATA.horizon, METADATA.quantileLevels];

function refuseIncomplete(metadata: ModelSession['metadata']): void {
  const missing = REQUIRED.filter((key) => metadata[key] === undefined);
  if (missing.length > 0)
    throw new ModelRejected('missing-metadata', `the file does not say its ${missing.join(', ')}`);
  const odd =
    metadata[METADATA.horizon] !== String(HORIZON_HOURS) ||
    metadata[METADATA.quantileLevels] !== JSON.stringify(QUANTILE_LEVELS);
  if (odd)
    throw new ModelRejected(
      'unknown-layout',
      `the file forecasts ${metadata[METADATA.horizon]} hours at the levels ${metadata[METADATA.quantileLevels]}`,
    );
}

function layoutOf({ metadata, width }: InspectedModel): FeatureLayout {
  try {
    const layout = parseLayout(metadata[METADATA.layout]);
    if (layout.width === width && String(layout.version) === metadata[METADATA.layoutVersion]) return layout;
    throw new UnknownLayout(`the graph takes ${width} features a row, the layout has ${layout.width}`);
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

function inspect(bytes: Uint8Array): InspectedModel {
  try {
    return inspectModel(bytes);
  } catch (error) {
    if (error instanceof UnusableModel) throw new ModelRejected('unusable-model', error.message);
    throw error;
  }
}

/**
 * Judges verified bytes by reading them, before any runtime does: safe to run, of this site and version, and made
 * of rows that this program can build. @throws {ModelRejected}
 */
export function inspectSiteModel(bytes: Uint8Array, identity: ModelIdentity): FeatureLayout {
  const inspected = inspect(bytes);
  refuseStranger(inspected.metadata, identity);
  const layout = layoutOf(inspected);
  refuseIncomplete(inspected.metadata);
  return layout;
}

export const createModelOpener =
  (loadModel: LoadModel): OpenSiteModel =>
  async (bytes, identity) => {
    inspectSiteModel(bytes, identity);
    const session = await load(loadModel, bytes);
    return {
      forecast: (situation) => forecastAt({ session, ...situation }),
      close: () => session.close(),
    };
  };
