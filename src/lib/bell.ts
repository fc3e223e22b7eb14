import type { Clock } from './clock.ts';

/** Something that can ring before anybody listens. */
export function makeBell(clock: Clock) {
  let rung = false;
  let wake = () => {};
  return {
    ring: () => {
      rung = true;
      wake();
    },
    /** Resolves when it has rung since the last time, or at `until`. */
    async heard(until: Date): Promise<void> {
      if (!rung) {
        await new Promise<void>((resolve) => {
          const cancel = clock.at(until, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
