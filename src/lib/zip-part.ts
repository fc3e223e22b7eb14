import { createReadStream, read } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import yauzl from 'yauzl';

/** Where a zip archive lies in a file: what stands before and after it is not its own. */
export interface ZipBounds {
  start: number;
  end: number;
}

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 0xffff;
const CENTRAL_SIGNATURE = 0x02014b50;

/**
 * Finds an archive with bytes before it (a self-extracting script) or after it, as unzip does.
 * @throws Error when there is no archive
 */
export async function findZip(file: FileHandle): Promise<ZipBounds> {
  const { size } = await file.stat();
  const length = Math.min(size, END_SIZE + LONGEST_COMMENT);
  const tail = Buffer.alloc(length);
  await file.read(tail, 0, length, size - length);
  for (let at = length - END_SIZE; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END_SIGNATURE) continue;
    const end = at + END_SIZE + tail.readUInt16LE(at + 20);
    if (end > length) continue;
    const [directorySize, directoryOffset] = [
      tail.readUInt32LE(at + 12),
      tail.readUInt32LE(at + 16),
    ];
    const position = size - length + at;
    const before = position - directorySize - directoryOffset;
    const shifted = before > 0 && (await isDirectoryAt(file, position - directorySize));
    return { start: shifted ? before : 0, end: size - length + end };
  }
  throw new Error('Zip end of central directory signature not found');
}

/** Offsets may also have been put right for what stands before, and zip64 says 0xffffffff here: both start at 0. */
async function isDirectoryAt(file: FileHandle, position: number): Promise<boolean> {
  const signature = Buffer.alloc(4);
  await file.read(signature, 0, 4, position);
  return signature.readUInt32LE(0) === CENTRAL_SIGNATURE;
}

/** What is read at a time: an archive of many small entries is read once from end to end, not thrice for each entry. */
const WINDOW_BYTES = 64 * 1024;
/** The directory and the contents, which are gone through side by side. */
const MOST_WINDOWS = 2;

interface Window {
  start: number;
  bytes: Promise<Buffer>;
}

/** The bytes of an archive that begins somewhere in an open file. */
export class ZipPart extends yauzl.RandomAccessReader {
  readonly #path: string;
  readonly #fd: number;
  readonly #start: number;
  /** What was read last, the latest first. */
  #windows: Window[] = [];

  /** @param fd of the file at `path`, for the many short reads */
  constructor(path: string, fd: number, start: number) {
    super();
    this.#path = path;
    this.#fd = fd;
    this.#start = start;
  }

  override _readStreamForRange(start: number, end: number): Readable {
    if (end - start <= WINDOW_BYTES) return Readable.from(this.#few(start, end - start));
    const [from, to] = [this.#start + start, this.#start + end - 1];
    return createReadStream(this.#path, { start: from, end: to });
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null) => void,
  ): void {
    this.bytes(position, length).then(
      (bytes) => {
        bytes.copy(buffer, offset);
        callback(null);
      },
      (error) => callback(error),
    );
  }

  /** So many bytes of the archive. @throws Error where it has ended before */
  async bytes(position: number, length: number): Promise<Buffer> {
    const { start, bytes } =
      length > WINDOW_BYTES ? this.#at(position, length) : this.#window(position, length);
    const found = (await bytes).subarray(position - start, position - start + length);
    if (found.length < length) throw new Error('unexpected end of file');
    return found;
  }

  async *#few(position: number, length: number): AsyncGenerator<Buffer> {
    yield await this.bytes(position, length);
  }

  #window(position: number, length: number): Window {
    const holds = ({ start }: Window) =>
      start <= position && position + length <= start + WINDOW_BYTES;
    const window = this.#windows.find(holds) ?? this.#at(position, WINDOW_BYTES);
    const others = this.#windows.filter((other) => other !== window);
    this.#windows = [window, ...others].slice(0, MOST_WINDOWS);
    return window;
  }

  #at(position: number, length: number): Window {
    const buffer = Buffer.allocUnsafeSlow(length);
    const bytes = new Promise<Buffer>((resolve, reject) => {
      read(this.#fd, buffer, 0, length, this.#start + position, (error, count) =>
        error ? reject(error) : resolve(buffer.subarray(0, count)),
      );
    });
    return { start: position, bytes };
  }
}
