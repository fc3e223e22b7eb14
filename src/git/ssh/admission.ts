import { Room } from '../../lib/room.ts';

/** Connections of which it is not known yet who makes them, and all that there are: what anybody can have the server hold. */
export interface AdmissionBounds {
  /** All that are open. */
  open: number;
  /** Those that have not signed in, of everybody and of one address. */
  strangers: number;
  strangersOfOne: number;
}

export const ADMISSION: AdmissionBounds = { open: 1_000, strangers: 256, strangersOfOne: 128 };

/** One that was let in. */
export interface Admitted {
  /** It has signed in. */
  known(): void;
  /** It is closed. */
  gone(): void;
}

/** Counts. Whoever cannot be let in is turned away at once, as OpenSSH does beyond MaxStartups. */
export class Admission {
  readonly #bounds: AdmissionBounds;
  readonly #room = new Room();

  constructor(bounds: AdmissionBounds = ADMISSION) {
    this.#bounds = bounds;
  }

  /** @returns undefined when there is no room */
  admit(address: string): Admitted | undefined {
    const { open, strangers, strangersOfOne } = this.#bounds;
    const close = this.#room.enter(['open', open]);
    if (!close) return undefined;
    const known = this.#room.enter(
      ['strangers', strangers],
      [`stranger ${address}`, strangersOfOne],
    );
    if (!known) {
      close();
      return undefined;
    }
    return {
      known,
      gone() {
        known();
        close();
      },
    };
  }
}
