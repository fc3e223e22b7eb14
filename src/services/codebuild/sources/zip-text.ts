import { posix } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Entry } from 'yauzl';
import { zipContent } from '../../../lib/zip-content.ts';
import { openZip } from '../../../lib/zip-file.ts';
import { zipMember } from '../../../lib/zip-member.ts';
import { MAX_TEXT_BYTES, TooLarge } from './source.ts';

/** Linux follows no more on the way to one file. */
const MOST_LINKS = 40;
const LONGEST_TARGET = 4096;

/** What an archive has at a path: the text of a file, or a link there or on the way there. */
type Seen = { text: string | undefined } | { link: string; target: string };

/**
 * One file of a ZIP archive as text, where its links lead to as long as that is in the archive; undefined when there is
 * none.
 * @throws TooLarge, or Error for an archive that cannot be read
 */
export async function textInZip(file: string, path: string): Promise<string | undefined> {
  let at = posix.normalize(path);
  for (let followed = 0; followed <= MOST_LINKS; followed++) {
    if (posix.isAbsolute(at) || at === '..' || at.startsWith('../')) return undefined;
    const seen = await look(file, at);
    if ('text' in seen) return seen.text;
    const { link, target } = seen;
    if (posix.isAbsolute(target)) return undefined;
    at = posix.join(posix.dirname(link), target, at.slice(link.length));
  }
  return undefined;
}

/** Goes through the whole archive, as the last of several entries with one name counts, and keeps next to nothing of it. */
async function look(file: string, path: string): Promise<Seen> {
  const { zip, close } = await openZip(file);
  try {
    const parts = path.split('/');
    const ways = new Set(parts.map((_, index) => parts.slice(0, index + 1).join('/')));
    const last = new Map<string, Entry>();
    for await (const entry of zip.eachEntry()) {
      const name = zipMember(entry).path.join('/');
      if (ways.has(name)) last.set(name, entry);
    }
    for (const link of ways) {
      const entry = last.get(link);
      if (!entry || zipMember(entry).kind !== 'link') continue;
      if (entry.uncompressedSize > LONGEST_TARGET) return { text: undefined };
      return { link, target: await text(await zipContent(zip, entry)) };
    }
    const entry = last.get(path);
    if (!entry || zipMember(entry).kind === 'directory') return { text: undefined };
    if (entry.uncompressedSize > MAX_TEXT_BYTES) throw new TooLarge(path);
    return { text: await text(await zipContent(zip, entry)) };
  } finally {
    await close();
  }
}
