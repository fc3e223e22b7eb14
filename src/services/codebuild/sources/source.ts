import type { Readable } from 'node:stream';

/** A source that has been fetched to the server, on its way into the work's tree. */
export interface FetchedSource {
  /** All of it as a tar stream; may be asked once. */
  tar(): Readable;
  /** One file of it as text, or undefined when there is none. `path` is relative. @throws TooLarge */
  readText(path: string): Promise<string | undefined>;
  /** What had to be changed to unpack it, in words for the build's log; complete when the tar stream has been read. */
  warnings?: string[];
  /** Commit id of a git source. */
  resolvedVersion?: string;
  repositoryUrl?: string;
}

/** No larger file is read into memory: no buildspec is. */
export const MAX_TEXT_BYTES = 1024 * 1024;

/** A file that is there, and larger than may be read. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';

  constructor(path: string) {
    super(`${path} is larger than ${MAX_TEXT_BYTES} bytes`);
  }
}
