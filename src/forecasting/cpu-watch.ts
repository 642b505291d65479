/** Seconds of processor time, user and system, that this process has used since the watch was made. */
export function cpuWatch(): { seconds(): number } {
  const before = process.cpuUsage();
  return {
    seconds() {
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1e6;
    },
  };
}
