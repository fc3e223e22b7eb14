import { Room } from '../../lib/room.ts';

/** How something goes to a target: within this server, to somewhere else, or there once more. */
export type Lane = 'inner' | 'outside' | 'again';

/** Deliveries of a lane at once: most of their time is waiting. */
export const AT_ONCE = 64;
/** Of these to one target: who answers slowly leaves room for others. */
const MOST_TO_ONE = 8;

/** What is known of a delivery before a try. */
interface Waiting {
  /** Tries that failed. */
  attempts: number;
  /** There was no room for it, since too much was under way to its target. */
  crowded?: boolean | undefined;
}

/** Others' programs answer when they like: who is slow, or never answers, makes nobody wait but his like. */
export function laneOf(isOutside: boolean, { attempts, crowded = false }: Waiting): Lane {
  if (!isOutside) return 'inner';
  return attempts > 0 || crowded ? 'again' : 'outside';
}

/** Room for what is under way to targets outside, on this server. */
export function makeRoom(most = MOST_TO_ONE) {
  const room = new Room();
  return {
    /** @returns who calls it leaves again; undefined where there is no room for more to this target */
    enter: (target: string): (() => void) | undefined => room.enter([target, most]),
  };
}
