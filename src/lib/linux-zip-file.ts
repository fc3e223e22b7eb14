import { ZipFile } from 'yazl';

type Entries = { utf8FileName: Buffer }[];
/** What ZIP files have room for. */
const LONGEST_NAME_BYTES = 0xffff;
const PLACEHOLDER = 'name';

/**
 * A ZIP file to be written, whose names are those that Linux has: the library alone refuses `c:x` and makes a slash of a
 * backslash. They are marked as written on Unix, where both are characters like others.
 */
export class LinuxZipFile extends ZipFile {
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
    const { entries } = this as unknown as { entries: Entries };
    entries.push = (entry, ...more) => {
      entry.utf8FileName = bytes;
      return Array.prototype.push.call(entries, entry, ...more);
    };
    try {
      add();
    } finally {
      Reflect.deleteProperty(entries, 'push');
    }
    if (entries.at(-1)?.utf8FileName !== bytes) throw new Error('yazl keeps its entries otherwise');
  }
}
