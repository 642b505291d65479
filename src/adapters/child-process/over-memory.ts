/** The last words of a process that its own watchdog ended for the memory it took. */
export const overMemory = (usedBytes: number, mostBytes: number): string =>
  `the process used ${Math.round(usedBytes / 2 ** 20)} MB, more than the ${mostBytes / 2 ** 20} MB it may`;

export const saysOverMemory = (words: string): boolean => /the process used \d+ MB, more than/.test(words);
