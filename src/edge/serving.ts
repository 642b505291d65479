import { UnusableModel } from '../forecasting/inference.ts';
import type { DeviceUpdateStage, InstalledModel } from '../machines/device-update-model.ts';
import type { CrashGuard } from './crash-guard.ts';
import type { DeviceJournal } from './journal.ts';
import type { ModelFolder } from './model-folder.ts';
import type { OpenSiteModel, SiteModel } from './site-model.ts';

/** The model that answers forecasts. */
export interface Served {
  readonly installed: InstalledModel;
  readonly model: SiteModel;
}

/** Keeps the serving model loaded; the one before serves on until a new one is proven. */
export interface Serving {
  /** What serves, without loading it. */
  installed(): InstalledModel | null;
  /**
   * Gives what serves to `work`, one user at a time, null when nothing does. Rejects when the model cannot be
   * loaded, or with what `work` rejects; the next use then loads it afresh.
   */
  use<Result>(work: (served: Served | null) => Promise<Result>): Promise<Result>;
  /** Frees the loaded model once nobody uses it. */
  close(): Promise<void>;
}

function servingOf({ state, context }: DeviceUpdateStage): InstalledModel | null {
  return state === 'probation' || state === 'rollingBack' ? context.previous : context.running;
}

export interface ServingOptions {
  readonly systemId: string;
  readonly journal: DeviceJournal;
  readonly folder: ModelFolder;
  readonly openModel: OpenSiteModel;
  readonly crashes: CrashGuard;
}

export function createServing({ systemId, journal, folder, openModel, crashes }: ServingOptions): Serving {
  let loaded: Served | null = null;
  let turn: Promise<unknown> = Promise.resolve();

  async function read({ artifact, version }: InstalledModel): Promise<Uint8Array> {
    // Twice: between the looks at the two places, a rename may have moved the file from one to the other.
    const bytes = (await folder.readModel(artifact.checksum)) ?? (await folder.readModel(artifact.checksum));
    if (bytes === null) throw new UnusableModel(`the file of ${version} is lost or damaged`);
    return bytes;
  }

  async function drop(): Promise<void> {
    const before = loaded;
    loaded = null;
    await before?.model.close();
  }

  async function current(): Promise<Served | null> {
    const installed = servingOf(journal.stage());
    if (installed !== null && loaded?.installed.artifact.checksum === installed.artifact.checksum)
      return { ...loaded, installed };
    await drop();
    if (installed === null) return null;
    const model = await openModel(await read(installed), { systemId, version: installed.version });
    loaded = { installed, model };
    return loaded;
  }

  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined);
    return mine;
  }

  /** Loading counts as use: that is where many a broken model ends its process. */
  async function attempt<Result>(work: (served: Served | null) => Promise<Result>): Promise<Result> {
    const installed = servingOf(journal.stage());
    const use = async () => work(await current());
    try {
      return await (installed === null ? use() : crashes.run(installed.assignment, use));
    } catch (error) {
      await drop();
      throw error;
    }
  }

  return {
    installed: () => servingOf(journal.stage()),
    close: () => inTurn(drop),
    use: (work) => inTurn(() => attempt(work)),
  };
}
