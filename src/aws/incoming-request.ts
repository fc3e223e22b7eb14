import { IncomingMessage } from 'node:http';
import { Gathered } from '../lib/gathered.ts';
import { AuthFailure } from './auth/failure.ts';

/** Pieces of a body that are smaller are put together. */
const SMALL_BYTES = 4 * 1024;
const UPGRADE = Symbol('upgrade');
/** What Node ends a request with whose connection ends first. */
const ABORTED = 'ECONNRESET';

/**
 * A request as Node reads it, but for what a hostile sender can make of its body. Node makes a Buffer of each chunk of a
 * chunked body and of each packet; of one byte, it takes some hundred. Here what comes at one time is one piece, and
 * what lies unread is in pieces of 4 KiB at least. And a body that breaks off ends in the failure that its caller is
 * told, whoever reads it.
 */
export class IncomingRequest extends IncomingMessage {
  #held: Gathered | undefined;
  #waits = false;
  /** No private field: Node sets it before there are any. */
  declare [UPGRADE]: boolean | null;

  constructor(socket: IncomingMessage['socket']) {
    super(socket);
    // Who reads the body may come only after its sender has gone, and shall still learn why it ended.
    this.on('error', () => {});
  }

  /**
   * Set and asked by Node, which stops to parse at a request that takes over its connection. So it does where the
   * connection has been ended meanwhile: else it would make a request of all that it has read, and an error of each.
   */
  get upgrade(): boolean | null {
    return this[UPGRADE] || this.socket.destroyed;
  }

  set upgrade(asked: boolean | null) {
    this[UPGRADE] = asked;
  }

  override push(piece: Buffer | null, encoding?: BufferEncoding): boolean {
    if (piece === null || piece.length >= SMALL_BYTES) {
      this.#release();
      return super.push(piece, encoding);
    }
    this.#held ??= new Gathered();
    this.#held.add(piece);
    if (this.#held.size >= SMALL_BYTES) return this.#release();
    if (!this.#waits) {
      this.#waits = true;
      // After all that comes in this turn of the loop; the next tick comes after each chunk.
      setImmediate(() => {
        this.#waits = false;
        // Else it waits for more, or for its reader.
        if (this.readableLength === 0) this.#release();
      });
    }
    return true;
  }

  override read(size?: number): Buffer | null {
    const { readableLength } = this;
    if (readableLength === 0 || (size !== undefined && size > readableLength)) this.#release();
    return super.read(size);
  }

  override destroy(error?: NodeJS.ErrnoException): this {
    return super.destroy(error?.code === ABORTED ? new AuthFailure('incomplete-body') : error);
  }

  /** @returns whether there is room for more */
  #release(): boolean {
    const held = this.#held;
    this.#held = undefined;
    return held === undefined || super.push(held.bytes);
  }
}
