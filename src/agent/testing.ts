import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { ZipFile } from 'yazl';
import type { Specification } from './specification.ts';

/** A directory that goes when the test ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-agent-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes files below a directory; those whose name ends in `.sh` are executable. */
export function writeFiles(directory: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
  }
}

export interface ZipMember {
  name: string;
  content: string;
  /** With file type bits; default: a plain file, 0644. */
  mode?: number;
  mtime?: Date;
  /** The time in DOS's form only: to two seconds, in local time. */
  dosTime?: boolean;
  /** What the archive says it was made on and of the file, instead of Unix and `mode`. */
  made?: { host: number; attributes: number };
}

/** A zip whose names need not be sane. */
export async function makeZip(members: ZipMember[]): Promise<Buffer> {
  const zip = new ZipFile();
  // The library refuses bad names, so they go in under names of the same length and are patched.
  const patches: [string, string][] = [];
  for (const { name, content, mode = 0o100644, mtime, dosTime } of members) {
    const safe = name.replace(/^\//, '_').replaceAll('..', '__').replaceAll('\\', '_');
    if (safe !== name) patches.push([safe, name]);
    const options = { mode, mtime, forceDosTimestamp: dosTime ?? false };
    if (safe.endsWith('/')) zip.addEmptyDirectory(safe, options);
    else zip.addBuffer(Buffer.from(content), safe, { ...options, compress: false });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk as Uint8Array));
  let bytes = Buffer.concat(chunks).toString('latin1');
  for (const [safe, name] of patches) bytes = bytes.replaceAll(safe, name);
  const archive = Buffer.from(bytes, 'latin1');
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

export const specification = (more: Partial<Specification> = {}): Specification => ({
  deploymentId: 'd-AAAAAAAAA',
  groupId: '11111111-2222-3333-4444-555555555555',
  groupName: 'prod',
  applicationName: 'web',
  creator: 'user',
  type: 'IN_PLACE',
  appSpecPath: 'appspec.yml',
  fileExistsBehavior: 'DISALLOW',
  revision: { bucket: 'b', key: 'k.zip', bundleType: 'zip', etag: 'e' },
  ...more,
});
