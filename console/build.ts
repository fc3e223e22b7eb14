import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/*
 * Builds the console into dist/. With `--if-changed` only where what it is made of is not what dist/ was made of, which is
 * how `npm start` calls it: nothing to say, and little more than a start of Node where there is nothing to do.
 */

const here = import.meta.dirname;
const dist = join(here, 'dist');
const made = join(dist, 'made-of.txt');
/** Where it is built: a server that runs, and another build, find a whole one at any time. */
const building = join(here, `dist-${process.pid}`);

/** What a browser has to fetch before the first page shows: kilobytes, gzip. */
const FIRST_LOAD_KB = 350;

const say = (line: string) => process.stderr.write(`${line}\n`);

/** A hash of everything that the built console depends on. */
function inputs(): string {
  const filesIn = (folder: string, recursive: boolean) =>
    readdirSync(folder, { recursive, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
  // Not globSync: it takes five times as long, at every `npm start`.
  const files = [
    ...filesIn(join(here, 'src'), true).filter((file) => !file.endsWith('.test.ts')),
    ...filesIn(join(here, 'public'), true),
    // What it shares with the server.
    ...filesIn(join(here, '..', 'src', 'lib'), true).filter((file) => !file.endsWith('.test.ts')),
    ...filesIn(here, false).filter((file) => /\.(ts|json|html)$/.test(file)),
  ].sort();
  const hash = createHash('sha256');
  for (const file of [...files, join(here, '..', 'package-lock.json')])
    if (existsSync(file)) hash.update(file.slice(here.length)).update(readFileSync(file));
  return hash.digest('hex');
}

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
  css?: string[];
  src?: string;
}

const gzipKb = (file: string) => gzipSync(readFileSync(join(building, file))).length / 1024;

/** Names of the files that an entry needs at once: itself, what it imports statically, their styles. */
function filesOf(manifest: Record<string, Chunk>, entry: string): Set<string> {
  const found = new Set<string>();
  const visit = (name: string) => {
    const chunk = manifest[name];
    if (!chunk || found.has(chunk.file)) return;
    found.add(chunk.file);
    for (const css of chunk.css ?? []) found.add(css);
    for (const next of chunk.imports ?? []) visit(next);
  };
  visit(entry);
  return found;
}

/** Prints what a first load and each page weigh; false where the first load is over its budget. */
function weigh(quiet: boolean): boolean {
  const manifest: Record<string, Chunk> = JSON.parse(
    readFileSync(join(building, '.vite', 'manifest.json'), 'utf8'),
  );
  const html = readFileSync(join(building, 'index.html'), 'utf8');
  const first = new Set([
    ...[...html.matchAll(/"[^"]*\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, file = '']) => file),
    // Where they are no part of it already (vite.config.ts): a first visit, signed in, shows both.
    ...filesOf(manifest, 'src/app/shell.tsx'),
    ...filesOf(manifest, 'src/pages/home/home.tsx'),
  ]);
  const sum = (files: Iterable<string>) => [...files].reduce((kb, file) => kb + gzipKb(file), 0);
  const code = sum(first);
  const pages = Object.keys(manifest)
    .filter((name) => /^src\/pages\/.+\.tsx$/.test(name))
    .map((name) => ({
      name: name.slice('src/pages/'.length),
      kb: sum([...filesOf(manifest, name)].filter((file) => !first.has(file))),
    }))
    .sort((a, b) => b.kb - a.kb);
  if (!quiet) for (const { name, kb } of pages) say(`  ${kb.toFixed(0).padStart(4)} KB  ${name}`);
  // Of the eight fonts a page shows two, regular and bold, of about the same size.
  const fonts = sum(globSync('assets/*.woff2', { cwd: building }).slice(0, 2));
  const total = code + fonts;
  say(
    `Console built: first load ${total.toFixed(0)} KB gzip (code and styles ${code.toFixed(0)}, fonts ${fonts.toFixed(0)}) of ${FIRST_LOAD_KB}.`,
  );
  // Nothing at all would be a page that does not know what it is made of.
  return code > 0 && total <= FIRST_LOAD_KB;
}

/** The new one in the place of the old. */
function putInPlace() {
  const old = `${building}-old`;
  try {
    renameSync(dist, old);
  } catch {
    // The first.
  }
  try {
    renameSync(building, dist);
  } catch (error) {
    // Another build of the same sources was quicker by a hair.
    if (!existsSync(made)) throw error;
  }
  for (const left of [old, building]) rmSync(left, { recursive: true, force: true });
}

async function main(flags: string[]) {
  const ifChanged = flags.includes('--if-changed');
  // A package has dist/ and no sources.
  if (!existsSync(join(here, 'src'))) return;
  const hash = inputs();
  if (ifChanged && existsSync(made) && readFileSync(made, 'utf8') === hash) return;
  try {
    createRequire(import.meta.url).resolve('vite');
    createRequire(import.meta.url).resolve('@cloudscape-design/components');
  } catch {
    say('The console is not built: its packages are not installed (npm ci without --omit=dev).');
    return;
  }
  if (ifChanged) say('Building the console, as it has changed …');
  // Of a test's environment React would be the one for developers, twice as large.
  process.env.NODE_ENV = 'production';
  const { build } = await import('vite');
  await build({
    root: here,
    configFile: join(here, 'vite.config.ts'),
    logLevel: 'warn',
    build: { outDir: building, emptyOutDir: true },
  });
  const fits = weigh(ifChanged);
  if (!fits) {
    say(`The first load may have ${FIRST_LOAD_KB} KB at most: load lazily what it does not show.`);
    if (!ifChanged) process.exitCode = 1;
  }
  writeFileSync(join(building, 'made-of.txt'), hash);
  putInPlace();
}

await main(process.argv.slice(2));
