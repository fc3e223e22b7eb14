import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Specification } from './specification.ts';

export { temporaryDirectory } from '../lib/testing.ts';

/** Writes files below a directory; those whose name ends in `.sh` are executable. */
export function writeFiles(directory: string, files: Record<string, string>): void {
  for (const [name, content] of Object.entries(files)) {
    const file = join(directory, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode: name.endsWith('.sh') ? 0o755 : 0o644 });
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
