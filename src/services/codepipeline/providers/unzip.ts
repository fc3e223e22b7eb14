import type { Readable } from 'node:stream';
import { type OpenZip, openZip } from '../../../lib/zip-file.ts';
import { type ZipMember, zipMember } from '../../../lib/zip-member.ts';
import { limits } from '../limits.ts';
import { ActionFailure } from './failure.ts';

export interface ZipEntry {
  /** Relative, with `/`, without `..`; any other character is the name's own. */
  name: string;
  /** Bytes when unpacked. */
  size: number;
  open(): Promise<Readable>;
}

/**
 * Calls `visit` for each file of a ZIP, one after another; folders are left out. Nothing is unpacked to disk.
 * @throws ActionFailure for what is no ZIP, or has names that lead out of it
 */
export async function eachZipEntry(
  file: string,
  visit: (entry: ZipEntry) => Promise<void>,
): Promise<void> {
  const { zip, close } = await openZip(file).catch((error) => {
    throw notReadable(error);
  });
  try {
    if (zip.entryCount > limits.artifactFiles) {
      throw new ActionFailure(
        'ConfigurationError',
        `The artifact has ${zip.entryCount} files; at most ${limits.artifactFiles} are allowed`,
      );
    }
    await visitAll(zip, visit);
  } finally {
    await close();
  }
}

async function visitAll(
  zip: OpenZip['zip'],
  visit: (entry: ZipEntry) => Promise<void>,
): Promise<void> {
  const entries = zip.eachEntry()[Symbol.asyncIterator]();
  for (;;) {
    const next = await entries.next().catch((error) => {
      throw notReadable(error);
    });
    if (next.done) return;
    const entry = next.value;
    const member = zipMember(entry);
    if (member.kind === 'directory') continue;
    await visit({
      name: nameOf(member),
      size: entry.uncompressedSize,
      open: () =>
        zip.openReadStreamPromise(entry).catch((error) => {
          throw notReadable(error);
        }),
    });
  }
}

function nameOf({ path, above, oddity }: ZipMember): string {
  const name = path.join('/');
  if (above || oddity === 'absolute' || name === '')
    throw notReadable(new Error(`a name leads out of it: ${name}`));
  return name;
}

function notReadable(error: Error): ActionFailure {
  return new ActionFailure(
    'ConfigurationError',
    `The artifact is not a ZIP that can be unpacked: ${error.message}`,
  );
}
