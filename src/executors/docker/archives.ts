import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, pack as newPack } from 'tar-stream';
import { writeEntry } from '../tree-tar.ts';

/** The same archive with other names; entries that `rename` has no name for are left out. */
export function renameEntries(
  tar: Readable,
  rename: (name: string, type: string) => string | undefined,
): Readable {
  const source = extract();
  const target = newPack();
  const feeding = pipeline(tar, source as unknown as NodeJS.WritableStream);
  const copy = async () => {
    for await (const entry of source) {
      const name = rename(entry.header.name, entry.header.type ?? 'file');
      if (name === undefined) {
        entry.resume();
        continue;
      }
      const header = { ...entry.header, name, uid: 0, gid: 0, uname: '', gname: '', pax: null };
      await writeEntry(target, header, entry as unknown as AsyncIterable<Uint8Array>);
    }
    await feeding;
    target.finalize();
  };
  copy().catch((error) => target.destroy(error));
  feeding.catch((error) => target.destroy(error));
  return Readable.from(target);
}

/** The name of an entry below `directory`, relative to the container's root; undefined when it would leave it. */
export function nameBelow(directory: string, name: string): string | undefined {
  const normal = posix.normalize(name);
  if (posix.isAbsolute(normal) || normal === '..' || normal.startsWith('../')) return undefined;
  return posix.join(directory, normal).replace(/^\//, '');
}

/** A small archive of files. */
export function tarOfFiles(files: Record<string, string>): Readable {
  const pack = newPack();
  for (const [name, text] of Object.entries(files)) pack.entry({ name, mode: 0o600 }, text);
  pack.finalize();
  return Readable.from(pack);
}
