import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SERVICES } from '../src/services/registry.ts';

// What the documents name is there: files, folders, links, reconcilers, and the functions of the code's own guides.

const root = join(import.meta.dirname, '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const filesIn = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );

const FOLDERS = ['bench', 'bin', 'conformance', 'contracts', 'docs', 'examples', 'scenarios'];
const files = [...FOLDERS, 'src', 'tools', 'console/src', '.ci', '.github']
  .flatMap(filesIn)
  .concat(readdirSync(root))
  .concat(readdirSync(join(root, 'console')).map((name) => join('console', name)));
/** Each path, and all that is left of it when folders are taken off its front. */
const endings = new Set(
  files.flatMap((file) => file.split('/').map((_, index, parts) => parts.slice(index).join('/'))),
);

const GUIDES = filesIn('docs').filter((file) => file.endsWith('.md'));
const DOCUMENTS = [
  ...GUIDES,
  ...readdirSync(root).filter((file) => file.endsWith('.md')),
  ...Object.keys(SERVICES).map((name) => `src/services/${name}/README.md`),
];

/** Stand for whatever somebody will call his own: `NAME.test.ts`, `providers/X.ts`. */
const isPlaceholder = (path: string) => /(^|[/.])(NAME|NOUN|X)([/.]|$)/.test(path);

/** Sources that a text names, in words or in a drawing: `kit/resource.ts`. */
const sourcesNamed = (text: string) =>
  (text.match(/(?<![\w*/.{}:@-])\w[\w./-]*\.(ts|mjs)\b/g) ?? []).filter(
    (path) => !isPlaceholder(path),
  );

const spansOf = (text: string) =>
  [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`]+)`/g)].map(([, span = '']) => span);

/** Other paths that begin with a folder of the project: `src/kit`, `conformance/upgrade/`. */
function pathsNamed(text: string): string[] {
  const begin = new RegExp(`^(src|tools|${FOLDERS.join('|')})/[\\w./-]+$`);
  return spansOf(text).filter((span) => begin.test(span) && !isPlaceholder(span));
}

/** Links to files, without their fragments. */
const linksOf = (text: string) =>
  [...text.matchAll(/\]\(([^)#:\s]+)(?:#[^)\s]*)?\)/g)].map(([, link = '']) => link);

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('names files and folders that are there', () => {
    const missing = [
      ...sourcesNamed(text).filter((path) => !endings.has(path)),
      ...pathsNamed(text).filter((path) => !files.includes(path.replace(/\/$/, ''))),
    ];
    expect(missing).toEqual([]);
  });

  test('leads to what is there', () => {
    const leads = (link: string) =>
      statSync(join(root, dirname(document), link), { throwIfNoEntry: false }) !== undefined;
    expect(linksOf(text).filter((link) => !leads(link))).toEqual([]);
  });
});

/** The words of all sources: those are the code's names. */
const words = new Set(
  files
    .filter((file) => /\.(ts|mjs)$/.test(file) && file !== 'tools/docs.test.ts')
    .flatMap((file) => read(file).match(/\w+/g) ?? []),
);

test.each(GUIDES)('%s calls functions as the code does', (guide) => {
  const called = spansOf(read(guide)).flatMap((span) =>
    [...span.matchAll(/\b([a-z]+[A-Z]\w*|[a-z]{2,}(?=\())/g)].map(([, name = '']) => name),
  );
  expect([...new Set(called)].filter((name) => !words.has(name))).toEqual([]);
});

test('the README leads to the page of each service', () => {
  const links = linksOf(read('README.md'));
  const pages = Object.keys(SERVICES).map((name) => `src/services/${name}/README.md`);
  expect(pages.filter((page) => !links.includes(page))).toEqual([]);
});

test('documents call reconcilers as they are called', async () => {
  const known = new Set<string>();
  for (const load of Object.values(SERVICES))
    for (const { name } of (await load()).manifest.reconcilers) known.add(name);
  const kinds = new RegExp(`^(${Object.keys(SERVICES).join('|')})/[a-z-]+$`);
  const strange = DOCUMENTS.flatMap((document) =>
    spansOf(read(document))
      .filter((span) => kinds.test(span) && !known.has(span))
      .map((span) => `${document}: ${span}`),
  );
  expect(strange).toEqual([]);
});
