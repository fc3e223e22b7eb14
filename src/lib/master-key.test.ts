import { execFileSync } from 'node:child_process';
import { statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makePrivate } from './files.ts';
import { masterKey } from './master-key.ts';
import { StartError } from './start-error.ts';
import { temporaryDirectory } from './testing.ts';

test.each([
  ['a pipe', (file: string) => execFileSync('mkfifo', [file])],
  ['a link to a device without end', (file: string) => symlinkSync('/dev/zero', file)],
])('a key that is %s is refused at once, and left as it is', (_what, make) => {
  const file = join(temporaryDirectory(), 'master.key');
  make(file);
  const { mode } = statSync(file);
  makePrivate(file);
  expect(statSync(file).mode).toBe(mode);
  expect(() => masterKey(file, undefined)).toThrow(StartError);
  expect(() => masterKey(file, undefined)).toThrow(`${file} is no file`);
});
