import type { ArtifactRange } from '../../ports/artifact-store.ts';
import { mayPass } from './errors.ts';

export interface DownloadOptions {
  /** Opens the object from `start` to `end`, included. */
  readonly open: (range: ArtifactRange) => Promise<AsyncIterable<Uint8Array>>;
  /** Hears of each break after which the download goes on. */
  readonly onBreak: (error: unknown) => void;
}

/** The pieces; a break ends them unless `onBreak` throws. */
async function* untilBroken(
  pieces: AsyncIterable<Uint8Array>,
  onBreak: (error: unknown) => void,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch (error) {
    onBreak(error);
  }
}

/** A part of an object; goes on from where a broken connection ended, as long as each new one brings something. */
export async function* download(
  { start, end }: ArtifactRange,
  { open, onBreak }: DownloadOptions,
): AsyncGenerator<Uint8Array> {
  for (let at = start; at <= end; ) {
    const from = at;
    const goOn = (error: unknown): void => {
      if (at === from || !mayPass(error)) throw error;
      onBreak(error);
    };
    for await (const piece of untilBroken(await open({ start: at, end }), goOn)) {
      at += piece.length;
      yield piece;
    }
    if (at === from) return;
  }
}
