/** A queue in the comparison. With facts, every enqueueing and every answer writes one in the same transaction. */
export interface Contender {
  enqueue(count: number, withFacts: boolean): Promise<void>;
  /** Works off `count` effects; resolves when the last is done. */
  finish(count: number, withFacts: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Effects under way at a time, on either side. */
export const WORKERS = 20;

/** Calls `work` `count` times, `width` at a time. */
export async function inParallel(count: number, width: number, work: () => Promise<void>): Promise<void> {
  let started = 0;
  const loop = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: width }, loop));
}
