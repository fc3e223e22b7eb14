import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { LinuxZipFile } from './linux-zip-file.ts';

/** A directory that goes when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export interface TestMember {
  /** Any bytes; a directory's ends with a slash. */
  name: string;
  content: string | Buffer;
  /** With file type bits; default: a plain file, 0644. */
  mode?: number;
  mtime?: Date;
  /** The time in DOS's form only: to two seconds, in local time. */
  dosTime?: boolean;
  /** What the archive says it was made on and of the file, instead of Unix and `mode`. */
  made?: { host: number; attributes: number };
}

/** A zip whose names need not be sane. */
export async function makeZip(members: TestMember[]): Promise<Buffer> {
  const zip = new LinuxZipFile();
  for (const { name, content, mode = 0o100644, mtime, dosTime } of members) {
    const options = { mode, mtime, forceDosTimestamp: dosTime ?? false };
    if (name.endsWith('/')) zip.addEmptyDirectory(name, options);
    else zip.addBuffer(Buffer.from(content), name, { ...options, compress: false });
  }
  zip.end();
  const archive = await buffer(zip.outputStream);
  const headers = centralHeaders(archive);
  members.forEach(({ made }, i) => {
    if (!made) return;
    archive.writeUInt8(made.host, (headers[i] as number) + 5);
    archive.writeUInt32LE(made.attributes, (headers[i] as number) + 38);
  });
  return archive;
}

/** Where the entries of the central directory begin, in their order. */
function centralHeaders(archive: Buffer): number[] {
  const found: number[] = [];
  for (let at = 0; ; at++) {
    at = archive.indexOf('PK\x01\x02', at, 'latin1');
    if (at < 0) return found;
    found.push(at);
  }
}
