import { Counter, Gauge, type Registry } from 'prom-client';
import type { FileObserver } from '../cloud/files/file-keeper.ts';

/** Figures of models and data sets in the artifact store, as the file keeper finds them. */
export function addFileMetrics(registry: Registry): FileObserver {
  const registers = [registry];
  const sorted = new Counter({
    name: 'lifo4_files_sorted_total',
    help: 'Files that lay in the wrong place, were removed, or are missing, by what became of them.',
    labelNames: ['outcome'],
    registers,
  });
  const files = new Gauge({
    name: 'lifo4_files',
    help: 'Files that the catalogue names, by what the last look at all of them found.',
    labelNames: ['state'],
    registers,
  });
  return {
    sorted: (outcome) => sorted.inc({ outcome }),
    counted: (counts) => {
      files.reset();
      for (const [state, count] of counts) files.set({ state }, count);
    },
  };
}
