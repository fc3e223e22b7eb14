/**
 * Milliseconds of this process' own work since it was called: what a test that bounds work asks for, since a machine that is busy
 * with other tests takes many times as long by the clock.
 */
export function cpuTime(): () => number {
  const before = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
}
