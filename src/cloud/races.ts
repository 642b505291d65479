import { VersionConflict } from '../ports/event-log.ts';

const MAX_RACES = 8;

/** Work that reads a stream, decides and appends is run again when the stream moved meanwhile. Throws the last conflict. */
export async function againAfterRaces<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let race = 1; ; race += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof VersionConflict) || race === MAX_RACES) throw error;
    }
  }
}
