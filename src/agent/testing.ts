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
}

/** A zip whose names need not be sane. */
export async function makeZip(members: ZipMember[]): Promise<Buffer> {
  const zip = new ZipFile();
  // The library refuses bad names, so they go in under names of the same length and are patched.
  const patches: [string, string][] = [];
  for (const { name, content, mode = 0o100644 } of members) {
    const safe = name.replace(/^\//, '_').replaceAll('..', '__');
    if (safe !== name) patches.push([safe, name]);
    zip.addBuffer(Buffer.from(content), safe, { mode, compress: false });
  }
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) chunks.push(Buffer.from(chunk as Uint8Array));
  let bytes = Buffer.concat(chunks).toString('latin1');
  for (const [safe, name] of patches) bytes = bytes.replaceAll(safe, name);
  return Buffer.from(bytes, 'latin1');
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
