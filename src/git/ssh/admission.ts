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
  readonly #strangers = new Map<string, number>();
  #strangersOfAll = 0;
  #open = 0;

  constructor(bounds: AdmissionBounds = ADMISSION) {
    this.#bounds = bounds;
  }

  /** @returns undefined when there is no room */
  admit(address: string): Admitted | undefined {
    const { open, strangers, strangersOfOne } = this.#bounds;
    const ofOne = this.#strangers.get(address) ?? 0;
    if (this.#open >= open || this.#strangersOfAll >= strangers || ofOne >= strangersOfOne)
      return undefined;
    this.#open++;
    this.#strangersOfAll++;
    this.#strangers.set(address, ofOne + 1);
    const steps = { known: once(() => this.#noStranger(address)), gone: once(() => this.#open--) };
    return {
      known: steps.known,
      gone() {
        steps.known();
        steps.gone();
      },
    };
  }

  #noStranger(address: string): void {
    this.#strangersOfAll--;
    const left = (this.#strangers.get(address) ?? 1) - 1;
    if (left === 0) this.#strangers.delete(address);
    else this.#strangers.set(address, left);
  }
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    act();
  };
}
