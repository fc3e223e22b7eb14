import { ZipFile } from 'yazl';

type Entry = { utf8FileName: Buffer; state: number };
/** The library's state of an entry that is written. */
const FILE_DATA_DONE = 3;
/** What ZIP files have room for. */
const LONGEST_NAME_BYTES = 0xffff;
const PLACEHOLDER = 'name';

/**
 * A ZIP file to be written, whose names are those that Linux has: the library alone refuses `c:x` and makes a slash of a
 * backslash. They are marked as written on Unix, where both are characters like others.
 */
export class LinuxZipFile extends ZipFile {
  readonly #entries = new EntryList();

  constructor() {
    super();
    Object.assign(this, { entries: this.#entries });
  }

  /** @throws Error ENAMETOOLONG for a name of more than 65,535 bytes */
  override addBuffer(...[body, name, options]: Parameters<ZipFile['addBuffer']>): void {
    this.#named(name, () => super.addBuffer(body, PLACEHOLDER, options));
  }

  /** @throws Error ENAMETOOLONG for a name of more than 65,535 bytes */
  override addReadStream(...[body, name, options]: Parameters<ZipFile['addReadStream']>): void {
    this.#named(name, () => super.addReadStream(body, PLACEHOLDER, options));
  }

  /** @param name ends with a slash */
  override addEmptyDirectory(...[name, options]: Parameters<ZipFile['addEmptyDirectory']>): void {
    this.#named(name, () => super.addEmptyDirectory(PLACEHOLDER, options));
  }

  /** The library keeps an entry before it writes any of it: there its name is put right. */
  #named(name: string, add: () => void): void {
    const bytes = Buffer.from(name);
    if (bytes.length > LONGEST_NAME_BYTES)
      throw Object.assign(new Error('a name is too long for a ZIP file'), { code: 'ENAMETOOLONG' });
    this.#entries.nextName = bytes;
    add();
    if (this.#entries.nextName) throw new Error('yazl keeps its entries otherwise');
  }
}

/**
 * Stands in for the library's list of entries. That is gone through from its beginning, for each entry, to find the first
 * that is not written yet: of 60,000 files that took half a minute. Here it begins with that one.
 */
class EntryList {
  nextName: Buffer | undefined;
  readonly #all: Entry[] = [];
  #written = 0;
  #complete = false;

  push(entry: Entry): void {
    if (this.nextName) entry.utf8FileName = this.nextName;
    this.nextName = undefined;
    this.#all.push(entry);
  }

  /** The first that is not written yet. */
  get 0(): Entry | undefined {
    return this.#all[this.#written];
  }

  /** Until all are written: of the list that begins with the first that is not. */
  get length(): number {
    if (this.#complete) return this.#all.length;
    while ((this[0]?.state ?? 0) >= FILE_DATA_DONE) this.#written++;
    return Math.min(1, this.#all.length - this.#written);
  }

  /** All are written, and the directory is made of them. */
  forEach(visit: (entry: Entry) => void): void {
    this.#complete = true;
    this.#all.forEach(visit);
  }
}
