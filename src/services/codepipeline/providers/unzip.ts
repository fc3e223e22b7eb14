import type { Readable } from 'node:stream';
import type { Entry } from 'yauzl';
import { zipContent } from '../../../lib/zip-content.ts';
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

export type Visit = (entry: ZipEntry) => Promise<void>;

/**
 * Calls `visit` for each file of a ZIP, in its order; folders are left out. Nothing is unpacked to disk.
 * @param atOnce how many files are visited at the same time: never two of one name
 * @throws ActionFailure for what is no ZIP, or has names that lead out of it
 */
export async function eachZipEntry(file: string, visit: Visit, atOnce = 1): Promise<void> {
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
    await visitAll(zip, visit, atOnce);
  } finally {
    await close();
  }
}

async function visitAll(zip: OpenZip['zip'], visit: Visit, atOnce: number): Promise<void> {
  const entries = zip.eachEntry()[Symbol.asyncIterator]();
  const running = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  try {
    while (failures.length === 0) {
      const next = await entries.next().catch((error) => {
        throw notReadable(error);
      });
      if (next.done) break;
      const member = zipMember(next.value);
      if (member.kind === 'directory') continue;
      const name = nameOf(member);
      // Of two of one name the last is the one that stays.
      while (running.size >= atOnce || running.has(name)) await Promise.race(running.values());
      const visited = visitEntry(zip, next.value, name, visit)
        .catch((error) => void failures.push(error))
        .finally(() => running.delete(name));
      running.set(name, visited);
    }
  } finally {
    await Promise.all(running.values());
  }
  if (failures.length > 0) throw failures[0];
}

async function visitEntry(
  zip: OpenZip['zip'],
  entry: Entry,
  name: string,
  visit: Visit,
): Promise<void> {
  let failure: ActionFailure | undefined;
  const damaged = (error: Error) => {
    failure ??= notReadable(error);
    return failure;
  };
  const open = async () => {
    const content = await zipContent(zip, entry).catch((error) => {
      throw damaged(error);
    });
    return content.once('error', damaged);
  };
  try {
    await visit({ name, size: entry.uncompressedSize, open });
  } catch (error) {
    // Who sent the content on knows no more than that it broke off.
    throw failure ?? error;
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
