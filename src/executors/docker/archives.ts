import type { Readable } from 'node:stream';
import { pack as newPack, type Pack } from 'tar-stream';
import { type ArchiveEntry, archiveEntries } from '../archive-entries.ts';
import { packed, writeEntry } from '../tree-tar.ts';

/** The archive with its entries below the directory, an absolute one, which is made even when there are none. */
export function archiveBelow(tar: Readable, directory: string): Readable {
  const base = directory.slice(1);
  const target = newPack();
  target.entry({ name: `${base}/`, type: 'directory', mode: 0o755 });
  copyBelow(tar, base, target).then(
    () => target.finalize(),
    (error: Error) => target.destroy(error),
  );
  return packed(target);
}

async function copyBelow(tar: Readable, base: string, target: Pack): Promise<void> {
  for await (const entry of archiveEntries(tar)) {
    if (entry.path.length === 0) continue;
    const body = entry.kind === 'file' ? entry.body : [];
    await writeEntry(target, headerOf(entry, base), body);
  }
}

function headerOf(entry: ArchiveEntry, base: string): Parameters<Pack['entry']>[0] {
  const { kind, mode, mtime } = entry;
  const name = [base, ...entry.path].join('/');
  if (kind === 'file') return { name, mode, mtime, type: kind, size: entry.size };
  if (kind === 'directory') return { name, mode, mtime, type: kind };
  if (kind === 'link') return { name, mode, mtime, type: 'symlink', linkname: entry.target };
  return { name, mode, mtime, type: 'link', linkname: [base, ...entry.of].join('/') };
}

/** A small archive of files. */
export function tarOfFiles(files: Record<string, string>): Readable {
  const pack = newPack();
  for (const [name, text] of Object.entries(files)) pack.entry({ name, mode: 0o600 }, text);
  pack.finalize();
  return packed(pack);
}
