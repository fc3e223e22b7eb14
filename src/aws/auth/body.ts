import { createHash, type Hash } from 'node:crypto';
import { Readable, Transform } from 'node:stream';
import type { Checksums } from './checksums.ts';
import type { ChunkedDecoder } from './chunked.ts';
import { type Collecting, collect } from './collect.ts';
import { AuthFailure } from './failure.ts';

/** The body of an authenticated request: decoded, and verified while it is read. Read it once, in one way. */
export interface AuthenticatedBody {
  /**
   * All of it. @param limit bytes, beyond which it is refused
   * @throws AuthFailure when it is not what the signature or a checksum says, or too large
   */
  bytes(limit: number): Promise<Buffer>;
  /** The same as a stream, which ends in an AuthFailure when it turns out not to be what was signed. */
  stream(): Readable;
  /** Trailers in lower case, such as `x-amz-checksum-crc32`: complete once the body has ended. */
  readonly trailers: Record<string, string>;
  /** Bytes of the decoded body where the sender said how many. */
  readonly length: number | undefined;
}

export interface BodyChecks {
  /** Hex SHA-256 that the raw body must have. */
  sha256?: string;
  decoder?: ChunkedDecoder;
  checksums: Checksums;
  length: number | undefined;
  /** How the raw body is read where it is read whole. */
  reading?: Omit<Collecting, 'limit'>;
}

/** Like stream.pipeline, but a failing `target` leaves `source` (a socket that an answer goes out on) alive. */
function feed(source: Readable, target: Transform): Transform {
  source.on('error', (error) => target.destroy(error));
  const closed = () => {
    if (!source.readableEnded) target.destroy(new AuthFailure('incomplete-body'));
  };
  // It may have been broken off before anybody read it.
  if (source.closed) closed();
  else source.on('close', closed);
  target.on('close', () => {
    source.unpipe(target);
    source.resume();
  });
  return source.pipe(target);
}

/** Wraps a body in the checks that its signature asks for. */
export class VerifiedBody implements AuthenticatedBody {
  readonly length: number | undefined;
  readonly #source: Readable;
  readonly #checks: BodyChecks;
  /** Of the raw body, while it streams. */
  #hash: Hash | undefined;

  constructor(source: Readable, checks: BodyChecks) {
    this.#source = source;
    this.#checks = checks;
    this.length = checks.length;
  }

  get trailers(): Record<string, string> {
    return this.#checks.decoder?.trailers ?? {};
  }

  async bytes(limit: number): Promise<Buffer> {
    const { sha256, reading } = this.#checks;
    const body = await collect(this.#source, { ...reading, limit });
    if (sha256 !== undefined) this.#compare(body.sha256());
    const pieces = this.#push(body.bytes);
    await this.#finish();
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  stream(): Readable {
    const { sha256, decoder, checksums } = this.#checks;
    if (sha256 === undefined && !decoder && checksums.empty) return this.#source;
    if (sha256 !== undefined) this.#hash = createHash('sha256');
    const self = this;
    const verifier = new Transform({
      transform(chunk, _encoding, done) {
        try {
          for (const piece of self.#push(chunk)) this.push(piece);
          done();
        } catch (error) {
          done(error as Error);
        }
      },
      flush(done) {
        self.#finish().then(() => done(), done);
      },
    });
    return feed(this.#source, verifier);
  }

  #push(chunk: Buffer): Buffer[] {
    this.#hash?.update(chunk);
    const pieces = this.#checks.decoder ? this.#checks.decoder.push(chunk) : [chunk];
    for (const piece of pieces) this.#checks.checksums.update(piece);
    return pieces;
  }

  #compare(computed: string): void {
    const { sha256: signed = '' } = this.#checks;
    if (computed !== signed)
      throw new AuthFailure('content-mismatch', {
        ClientComputedContentSHA256: signed,
        S3ComputedContentSHA256: computed,
      });
  }

  async #finish(): Promise<void> {
    if (this.#hash) this.#compare(this.#hash.digest('hex'));
    this.#checks.decoder?.end();
    await this.#checks.checksums.verify(this.trailers);
  }
}

/** A body that had to be read whole to check the signature, and so is verified already. */
export function verifiedBytes(bytes: Buffer): AuthenticatedBody {
  return {
    length: bytes.length,
    trailers: {},
    async bytes(limit) {
      if (bytes.length > limit) throw new AuthFailure('too-large');
      return bytes;
    },
    stream: () => Readable.from(bytes.length > 0 ? [bytes] : []),
  };
}

/** The body as a stream. It may turn out wrong before the operation listens: that must not end the process. */
export function openStream(body: AuthenticatedBody): Readable {
  const stream = body.stream();
  stream.on('error', () => {});
  return stream;
}
