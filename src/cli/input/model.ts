import { basename } from 'node:path';
import { METADATA } from '../../forecasting/artifact.ts';
import type { LoadModel, ModelSession } from '../../forecasting/inference.ts';
import { requireSiteId } from '../../main/site-id.ts';
import { Refused } from '../failure.ts';
import { sha256 } from '../training/job.ts';
import { type Place, placeOf, readModelFile } from './site-data.ts';

/** What the options say of a model and its site. */
export interface ModelWish {
  readonly model: string;
  readonly system?: string;
  readonly zone?: string;
  readonly ibge?: string;
  readonly holidays?: string;
}

/** A loaded model file with the place that it is for. */
export interface OpenedModel {
  readonly session: ModelSession;
  readonly place: Place;
  readonly systemId: string;
  readonly version: string;
  readonly modelType: string;
  /** For people: `bess-456 1.0.0 (ensemble)`. */
  readonly title: string;
  /** Epoch ms of the hour after the last that it was trained on. */
  readonly trainedUntil: number;
  readonly checksum: string;
}

/** What the file says of itself. @throws {Refused} when it is none of ours */
function aboutOf(metadata: Readonly<Record<string, string>>, file: string) {
  const { site, version, modelType, zone, trainedUntil } = METADATA;
  const [systemId, number, type, place] = [
    metadata[site],
    metadata[version],
    metadata[modelType],
    metadata[zone],
  ];
  if (systemId === undefined || number === undefined || type === undefined || place === undefined) {
    throw new Refused(
      'unusable-model',
      `${file}: the file does not say which site and zone it is for; it was not written by lifo4-ml`,
    );
  }
  return {
    systemId,
    version: number,
    modelType: type,
    zone: place,
    trainedUntil: Date.parse(metadata[trainedUntil] ?? ''),
  };
}

/** @throws {Refused} when the options name another site or zone than the file */
function requireSame(wish: ModelWish, about: ReturnType<typeof aboutOf>, file: string): void {
  if (wish.system !== undefined && requireSiteId('--system', wish.system) !== about.systemId) {
    throw new Refused(
      'other-site',
      `${file}: this model is of site ${about.systemId}, not of ${wish.system}; name that site's own file`,
    );
  }
  if (wish.zone !== undefined && wish.zone !== about.zone) {
    throw new Refused(
      'other-zone',
      `${file}: this model was trained in zone ${about.zone}, not ${wish.zone}; leave out --zone, or train again in that zone`,
    );
  }
}

/** Loads a model file and the calendar of its site. Throws {@link Refused}, `UnusableModel` and `UsageError`. */
export async function openModel(wish: ModelWish, loadModel: LoadModel): Promise<OpenedModel> {
  const bytes = await readModelFile(wish.model);
  const file = basename(wish.model);
  const session = await loadModel(bytes).catch((error: unknown) => {
    throw new Refused(
      'unusable-model',
      `${file}: ${error instanceof Error ? error.message : String(error)}; name a forecast.onnx that lifo4-ml wrote`,
    );
  });
  try {
    const about = aboutOf(session.metadata, file);
    requireSame(wish, about, file);
    const place = await placeOf({ ibge: wish.ibge, holidays: wish.holidays, zone: about.zone });
    const title = `${about.systemId} ${about.version} (${about.modelType})`;
    return { ...about, session, place, title, checksum: sha256(bytes) };
  } catch (error) {
    await session.close();
    throw error;
  }
}
