import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header, pack as newPack, type Pack } from 'tar-stream';
import { packed, writeEntry } from './tree-tar.ts';

/** The new name of an entry, or undefined when it is left out. */
export type Rename = (
  name: string,
  type: string,
  header: Header,
) => string | undefined | Promise<string | undefined>;

/** The same archive with other names; entries that `rename` has no name for are left out. */
export function renameEntries(tar: Readable, rename: Rename): Readable {
  const target = newPack();
  copyEntries(tar, target, rename).then(
    () => target.finalize(),
    (error: Error) => target.destroy(error),
  );
  return packed(target);
}

/** Writes an archive's entries under other names into another, which goes on. */
export async function copyEntries(tar: Readable, target: Pack, rename: Rename): Promise<void> {
  const source = extract();
  const feeding = pipeline(tar, source as unknown as NodeJS.WritableStream);
  feeding.catch(() => {});
  for await (const entry of source) {
    const name = await rename(entry.header.name, entry.header.type ?? 'file', entry.header);
    if (name === undefined) {
      entry.resume();
      continue;
    }
    const header = { ...entry.header, name, uid: 0, gid: 0, uname: '', gname: '', pax: null };
    await writeEntry(target, header, entry as unknown as AsyncIterable<Uint8Array>);
  }
  await feeding;
}
