import { createHash, type Hash, type KeyObject } from 'node:crypto';
import { Gathered } from '../../lib/gathered.ts';
import { AuthFailure } from './failure.ts';
import { EMPTY_SHA256, hmacHex, sha256Hex } from './signing-key.ts';

/** What the chunk signatures of a request hang on. */
export interface ChunkSigning {
  key: KeyObject;
  /** `YYYYMMDDTHHMMSSZ` */
  date: string;
  /** `20260101/us-east-1/s3/aws4_request` */
  scope: string;
  /** The request's own signature: the first link of the chain. */
  seed: string;
}

export interface ChunkedOptions {
  /** Undefined: chunks carry no signatures, or they are not to be looked at. */
  signing?: ChunkSigning;
  /** Trailer names that the request announced. */
  trailers: string[];
  /** `x-amz-decoded-content-length` */
  decodedLength: number;
}

const MAX_LINE_BYTES = 1024;
const MAX_TAIL_BYTES = 16 * 1024;
/** Pieces that are smaller are put together. */
const SMALL_BYTES = 4 * 1024;
const CR = 13;
const LF = 10;

/**
 * Decodes an `aws-chunked` body and verifies the chain of chunk signatures and the trailer's.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and …/sigv4-streaming-trailers.html
 *
 * Data is handed on before its chunk's signature has been seen, since a chunk may be of any size:
 * whoever takes it must throw it away when `push` or `end` fails.
 */
export class ChunkedDecoder {
  readonly trailers: Record<string, string> = {};
  readonly #options: ChunkedOptions;
  #state: 'size' | 'data' | 'data-end' | 'tail' = 'size';
  /** Bytes of a size line, of the line break after data, or of what follows the last chunk. */
  #pending: Buffer = Buffer.alloc(0);
  #left = 0;
  #decoded = 0;
  #signature = '';
  #previous: string;
  #hash: Hash | undefined;

  constructor(options: ChunkedOptions) {
    this.#options = options;
    this.#previous = options.signing?.seed ?? '';
  }

  /** Takes the next bytes off the wire. @returns decoded pieces @throws AuthFailure */
  push(input: Buffer): Buffer[] {
    const out = new Decoded();
    let bytes = input;
    while (bytes.length > 0) {
      if (this.#state === 'data') bytes = this.#takeData(bytes, out);
      else bytes = this.#takeControl(bytes);
    }
    return out.pieces();
  }

  /** The wire has ended. @throws AuthFailure when it ended too early or its trailer is not right */
  end(): void {
    if (this.#state !== 'tail' || this.#decoded !== this.#options.decodedLength)
      throw new AuthFailure('incomplete-body');
    this.#readTrailers(this.#pending.toString('latin1'));
  }

  #takeData(bytes: Buffer, out: Decoded): Buffer {
    const piece = bytes.subarray(0, this.#left);
    this.#left -= piece.length;
    this.#decoded += piece.length;
    if (this.#decoded > this.#options.decodedLength) throw new AuthFailure('incomplete-body');
    this.#hash?.update(piece);
    out.add(piece);
    if (this.#left === 0) this.#endChunk();
    return bytes.subarray(piece.length);
  }

  #takeControl(bytes: Buffer): Buffer {
    if (this.#state === 'tail') {
      this.#pending = Buffer.concat([this.#pending, bytes]);
      if (this.#pending.length > MAX_TAIL_BYTES) throw new AuthFailure('malformed-trailer');
      return Buffer.alloc(0);
    }
    const end = bytes.indexOf(LF);
    const piece = end < 0 ? bytes : bytes.subarray(0, end + 1);
    this.#pending = this.#pending.length > 0 ? Buffer.concat([this.#pending, piece]) : piece;
    if (this.#pending.length > MAX_LINE_BYTES) throw new AuthFailure('incomplete-body');
    if (end >= 0) this.#takeLine();
    return bytes.subarray(piece.length);
  }

  #takeLine(): void {
    const line = this.#pending;
    this.#pending = Buffer.alloc(0);
    if (line.at(-2) !== CR) throw new AuthFailure('incomplete-body');
    const text = line.toString('latin1', 0, line.length - 2);
    if (this.#state === 'size') this.#startChunk(text);
    else if (text !== '') throw new AuthFailure('incomplete-body');
    else this.#state = 'size';
  }

  #startChunk(line: string): void {
    const match = /^([0-9a-fA-F]{1,12})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
    if (!match) throw new AuthFailure('incomplete-body');
    this.#left = Number.parseInt(match[1] as string, 16);
    this.#signature = match[2] ?? '';
    this.#hash = this.#options.signing ? createHash('sha256') : undefined;
    this.#state = 'data';
    if (this.#left > 0) return;
    this.#endChunk();
    this.#state = 'tail';
  }

  #endChunk(): void {
    const { signing } = this.#options;
    if (signing && this.#hash) {
      const { key, date, scope } = signing;
      const digest = this.#hash.digest('hex');
      const text = `AWS4-HMAC-SHA256-PAYLOAD\n${date}\n${scope}\n${this.#previous}\n${EMPTY_SHA256}\n${digest}`;
      if (hmacHex(key, text) !== this.#signature) throw new AuthFailure('chunk-mismatch');
      this.#previous = this.#signature;
    }
    this.#state = 'data-end';
  }

  #readTrailers(tail: string): void {
    let signature = '';
    let signed = '';
    for (const line of tail.split(/\r?\n/)) {
      if (line === '') continue;
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase().trim();
      const value = line.slice(colon + 1).trim();
      if (name === 'x-amz-trailer-signature') signature = value;
      else if (!this.#options.trailers.includes(name)) throw new AuthFailure('malformed-trailer');
      else {
        this.trailers[name] = value;
        signed += `${name}:${value}\n`;
      }
    }
    if (this.#options.trailers.some((name) => this.trailers[name] === undefined))
      throw new AuthFailure('malformed-trailer');
    if (this.#options.signing && signed !== '') this.#verifyTrailers(signed, signature);
  }

  #verifyTrailers(signed: string, signature: string): void {
    const { key, date, scope } = this.#options.signing as ChunkSigning;
    const text = `AWS4-HMAC-SHA256-TRAILER\n${date}\n${scope}\n${this.#previous}\n${sha256Hex(signed)}`;
    if (hmacHex(key, text) !== signature) throw new AuthFailure('chunk-mismatch');
  }
}

/** What comes of some bytes off the wire: chunks may be of one byte, of which a Buffer takes some hundred. */
class Decoded {
  readonly #pieces: Buffer[] = [];
  #small = new Gathered();

  add(piece: Buffer): void {
    if (piece.length < SMALL_BYTES) {
      this.#small.add(piece);
      return;
    }
    this.#endSmall();
    this.#pieces.push(piece);
  }

  pieces(): Buffer[] {
    this.#endSmall();
    return this.#pieces;
  }

  #endSmall(): void {
    if (this.#small.size === 0) return;
    this.#pieces.push(this.#small.bytes);
    this.#small = new Gathered();
  }
}
