const SMALLEST_PLACE = 4 * 1024;

/**
 * Bytes that come in pieces, in one buffer that grows: what it holds is a small factor of the bytes, however small
 * the pieces are. (A Buffer of one byte takes some hundred.) A piece that stays the only one is not copied.
 */
export class Gathered {
  readonly #length: number;
  #only: Uint8Array | undefined;
  #place: Buffer | undefined;
  #size = 0;

  /** @param length of all that will come, where that is known: its room is then taken once */
  constructor(length = SMALLEST_PLACE) {
    this.#length = length;
  }

  get size(): number {
    return this.#size;
  }

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    const size = this.#size + piece.length;
    if (this.#size === 0) this.#only = piece;
    else this.#roomFor(size).set(piece, this.#size);
    this.#size = size;
  }

  /** All of them so far: a view, which later pieces leave as it is. */
  get bytes(): Buffer {
    const only = this.#only;
    if (only) return Buffer.from(only.buffer, only.byteOffset, only.length);
    return this.#place?.subarray(0, this.#size) ?? Buffer.alloc(0);
  }

  #roomFor(size: number): Buffer {
    let place = this.#place;
    if (!place || place.length < size) {
      place = Buffer.allocUnsafeSlow(size <= this.#length ? this.#length : 2 * size);
      place.set(this.bytes);
      this.#place = place;
      this.#only = undefined;
    }
    return place;
  }
}
