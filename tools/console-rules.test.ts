import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { parseSync } from '@swc/core';
import { describe, expect, test } from 'vitest';

/*
 * Who may import whom in the console, as .dependency-cruiser.cjs says it of the server (whose parser reads no JSX), and
 * what a page must not do so that the content security policy can be strict.
 */

const root = join(import.meta.dirname, '..');
const files = globSync('console/src/**/*.{ts,tsx}', { cwd: root }).sort();
const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));

/** What a file imports, at once or later; ours as paths from the root. */
function importsOf(file: string, source: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (node === null || typeof node !== 'object') return;
    const { type, source: from, callee, arguments: given } = node as Record<string, unknown>;
    const { value } = (from ?? {}) as { value?: string };
    if (/^(Import|Export\w*)Declaration$/.test(`${type}`) && value !== undefined) found.push(value);
    if (type === 'CallExpression' && (callee as { type: string }).type === 'Import')
      found.push((given as { expression: { value: string } }[])[0]?.expression.value ?? '');
    Object.values(node).forEach(visit);
  };
  visit(parseSync(source, { syntax: 'typescript', tsx: file.endsWith('.tsx'), target: 'es2024' }));
  return found.map((name) => (name.startsWith('.') ? normalize(join(file, '..', name)) : name));
}

const folderOf = (file: string) => /^console\/src\/pages\/([^/]+)\//.exec(file)?.[1];

/** Why a file may not import that; undefined where it may. */
function wrong(file: string, to: string): string | undefined {
  if (to.startsWith('node:')) return 'Node is not in the browser';
  if (to.startsWith('src/') && !to.startsWith('src/lib/')) return 'a client imports lib only';
  const [from, there] = [folderOf(file), folderOf(to)];
  if (from !== undefined && there !== undefined && from !== there)
    return 'pages of a service import no other pages: what several show is a part';
  if (there !== undefined && /^console\/src\/(parts|api|live|session)\//.test(file))
    return 'parts know no page';
  if (to === '@cloudscape-design/components') return 'import the component alone: components/NAME';
  return undefined;
}

describe('the console', () => {
  test('imports the SDK, lib and its own parts only', () => {
    const found = [...sources].flatMap(([file, source]) =>
      file.endsWith('.test.ts')
        ? []
        : importsOf(file, source).flatMap((to) => {
            const why = wrong(file, to);
            return why === undefined ? [] : [`${file} imports ${to}: ${why}`];
          }),
    );
    expect(found).toEqual([]);
    const page = 'console/src/pages/codebuild/build.tsx';
    expect(importsOf(page, "import('../iam/users.tsx'); import x from '../../api/x.ts';")).toEqual(
      ['console/src/api/x.ts', 'console/src/pages/iam/users.tsx'].reverse(),
    );
    expect(wrong(page, 'console/src/pages/iam/users.tsx')).toMatch('pages of a service');
    expect(wrong(page, 'src/engine/events.ts')).toMatch('lib only');
  });

  test('loads no package as a whole: what is imported later is a file of ours', () => {
    const whole = /\bimport\(\s*['"](?:@[\w-]+\/)?[\w-]+['"]/;
    expect([...sources].filter(([, source]) => whole.test(source)).map(([file]) => file)).toEqual(
      [],
    );
  });

  test('writes no markup and no style that is text', () => {
    const bad =
      /dangerouslySetInnerHTML|\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write|createElement\(['"]style/;
    expect([...sources].filter(([, source]) => bad.test(source)).map(([file]) => file)).toEqual([]);
  });

  test('has no file over 600 lines', () => {
    const long = [...sources].filter(([, source]) => source.split('\n').length > 600);
    expect(long.map(([file]) => file)).toEqual([]);
  });
});
