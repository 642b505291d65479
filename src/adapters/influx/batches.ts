import type { Point } from '@influxdata/influxdb-client';
import type { InfluxConnection } from './connection.ts';

/** Writes points of many callers together. */
export interface BatchWriter {
  /** Resolves when the points are written; rejects with the error of the request that carried them. */
  write(points: readonly Point[]): Promise<void>;
}

interface Waiting {
  readonly points: readonly Point[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Points taken together into one request at most. */
const LARGEST = 5_000;

function taken(queue: readonly Waiting[]): number {
  let points = 0;
  const full = queue.findIndex((waiting) => {
    points += waiting.points.length;
    return points > LARGEST;
  });
  return full === -1 ? queue.length : Math.max(1, full);
}

/**
 * One request is under way at a time and what arrives meanwhile forms the next: a fleet's forecasts, which come
 * within seconds of each hour's start, become few large requests, and a lone caller never waits.
 */
export function createBatchWriter(connection: Pick<InfluxConnection, 'write'>): BatchWriter {
  const queue: Waiting[] = [];
  let busy = false;

  async function drain(): Promise<void> {
    busy = true;
    while (queue.length > 0) {
      const batch = queue.splice(0, taken(queue));
      await connection.write(batch.flatMap(({ points }) => points)).then(
        () => batch.forEach(({ resolve }) => void resolve()),
        (error: unknown) => batch.forEach(({ reject }) => void reject(error)),
      );
    }
    busy = false;
  }

  return {
    write: (points) =>
      new Promise((resolve, reject) => {
        queue.push({ points, resolve, reject });
        if (!busy) void drain();
      }),
  };
}
