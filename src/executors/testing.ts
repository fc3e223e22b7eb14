import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { type Header, pack } from 'tar-stream';

/** An entry of a test's archive; any name and any kind. */
export type TarEntry = Partial<Header> & { body?: string };

/** A tar stream of these entries, in their order. */
export function tarOfEntries(entries: TarEntry[]): Readable {
  const archive = pack();
  for (const { body, ...header } of entries) {
    archive.entry({ name: '', type: 'file', ...header }, body ?? '');
  }
  archive.finalize();
  return Readable.from(archive);
}

export const fileEntry = (name: string, body = 'x'): TarEntry => ({ name, body });

export const linkEntry = (name: string, linkname: string): TarEntry => ({
  name,
  type: 'symlink',
  linkname,
});

export const hardLinkEntry = (name: string, linkname: string): TarEntry => ({
  name,
  type: 'link',
  linkname,
});

/** Whether `sleep` runs so many seconds, anywhere: containers' processes are this machine's, too. */
export function isSleeping(seconds: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === `sleep\0${seconds}\0`;
    } catch {
      return false;
    }
  });
}
