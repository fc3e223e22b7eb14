/**
 * `work`, done once for all who ask for it before it begins: whoever asks while it runs is served by the next run,
 * since that one may have begun before what he waits for. Never two at a time.
 */
export function grouped(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const run = async () => {
    // Whoever asks before this has his turn too.
    await running?.catch(() => undefined);
    running = next;
    next = undefined;
    try {
      await work();
    } finally {
      running = undefined;
    }
  };
  return () => {
    next ??= run();
    return next;
  };
}
