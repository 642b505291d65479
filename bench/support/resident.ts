/** MB that are resident in this process after its garbage was collected; needs `--expose-gc`. */
export function settledRssMb(): number {
  for (let i = 0; i < 3; i++) globalThis.gc?.();
  return process.memoryUsage.rss() / 2 ** 20;
}
