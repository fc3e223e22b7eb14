import { open } from 'node:fs/promises';
import yauzl, { type ZipFile } from 'yauzl';
import { findZip, ZipPart } from './zip-part.ts';

/** A ZIP file that is open; its entries' names are bytes, for `zipMember` to read. */
export interface OpenZip {
  zip: ZipFile;
  close(): Promise<void>;
}

/**
 * Opens a ZIP file as unzip does, also one with bytes before or after it.
 * @throws Error when there is no archive
 */
export async function openZip(path: string): Promise<OpenZip> {
  const file = await open(path);
  try {
    const { start, end } = await findZip(file);
    const zip = await yauzl.fromRandomAccessReaderPromise(
      new ZipPart(path, file.fd, start),
      end - start,
      // The library would refuse a whole archive over one name that Linux can have.
      { decodeStrings: false, autoClose: false },
    );
    return { zip, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
