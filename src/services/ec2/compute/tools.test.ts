import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { FILES, FOLDERS } from './tools.ts';

const PROJECT = join(import.meta.dirname, '..', '..', '..', '..');

test('what an instance has of this project imports nothing that it has not', () => {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(folder, name),
    ),
  );
  const all = [...FILES, ...inFolders].filter((file) => /(?<!\.test|testing)\.ts$/.test(file));
  // Types are stripped, and so are the imports of nothing else.
  const imports = all.flatMap((file) =>
    [
      ...readFileSync(join(PROJECT, file), 'utf8').matchAll(
        /^(?:import|export|\}) (?!type\b)[^;]*?from '(\.[^']+)'/gm,
      ),
    ].map(([, path = '']) => normalize(join(dirname(file), path))),
  );
  expect(imports).toContain('src/cli/trusted-bundle.ts');
  expect(imports.filter((file) => !all.includes(file))).toEqual([]);
});
