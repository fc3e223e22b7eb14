import type { Socket } from 'node:net';

/** Both ways until both are done, or nothing has moved for so long. */
export function join(one: Socket, other: Socket, idleMs: number, over: () => void): void {
  let left = 2;
  const closed = () => {
    left -= 1;
    if (left === 0) over();
  };
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.setTimeout(idleMs, () => from.destroy());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroySoon();
      closed();
    });
    from.pipe(to);
  }
}
