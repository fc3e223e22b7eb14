import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { pack as newPack } from 'tar-stream';

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
