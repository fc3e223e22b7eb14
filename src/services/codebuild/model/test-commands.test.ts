import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TEST_COMMANDS } from './test-commands.ts';

const FILES = [
  'a.test.js',
  'src/b.test.js',
  'src/deep/c.test.js',
  'src/d.js',
  "src/it's e.test.js",
];

let tree: string;
let path: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'slipway-shards-'));
  for (const [name, text] of Object.entries(TEST_COMMANDS)) {
    mkdirSync(join(tree, '.tools', 'bin'), { recursive: true });
    writeFileSync(join(tree, '.tools', name), text, { mode: 0o755 });
  }
  for (const name of FILES) {
    mkdirSync(dirname(join(tree, 'work', name)), { recursive: true });
    writeFileSync(join(tree, 'work', name), '');
  }
  path = `${process.env.PATH}:${join(tree, '.tools', 'bin')}`;
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

const run = (args: string[], env = {}) => {
  const [command = '', ...rest] = args;
  const options = {
    cwd: join(tree, 'work'),
    env: { PATH: path, ...env },
    encoding: 'utf8',
  } as const;
  return execFileSync(command, rest, options).split('\n').filter(Boolean);
};
const SEARCH = "codebuild-glob-search '**/*.test.js'";
const LIST = "printf '%s\\n'";
const shard = (current: number, total: number, strategy: string, search = SEARCH) =>
  run(
    [
      ...['codebuild-tests-run', '--test-command', LIST, '--files-search', search],
      ...['--sharding-strategy', strategy],
    ],
    { CODEBUILD_CURRENT_SHARD: String(current), CODEBUILD_TOTAL_SHARDS: String(total) },
  );

describe('codebuild-glob-search', () => {
  test.each([
    [['**/*.test.js'], ['a.test.js', 'src/b.test.js', 'src/deep/c.test.js', "src/it's e.test.js"]],
    [['src/*.js'], ['src/b.test.js', 'src/d.js', "src/it's e.test.js"]],
    [
      ['./a.test.js', 'src/?.js'],
      ['a.test.js', 'src/d.js'],
    ],
    [['src/**'], ['src/b.test.js', 'src/d.js', 'src/deep/c.test.js', "src/it's e.test.js"]],
    [['axtest.js', 'a.test.js'], ['a.test.js']],
  ])('%j', (patterns, expected) => {
    expect(run(['codebuild-glob-search', ...patterns])).toEqual(expected);
  });

  test('says on standard error that there is none', () => {
    const { status, stdout, stderr } = spawnSync('codebuild-glob-search', ['[x]+'], {
      ...{ cwd: join(tree, 'work'), env: { PATH: path }, encoding: 'utf8' },
    });
    expect([status, stdout, stderr]).toEqual([1, '', 'No files were found that match: [x]+\n']);
  });
});

describe('CB-G4: codebuild-tests-run', () => {
  const many = `printf 'f%03d\\n' $(seq 1 100)`;
  const all = Array.from({ length: 100 }, (_, n) => `f${String(n + 1).padStart(3, '0')}`);

  test('equal-distribution: parts in alphabetical order, that differ by one at most', () => {
    const parts = [0, 1, 2].map((current) => shard(current, 3, 'equal-distribution', many));
    expect(parts.map(({ length }) => length)).toEqual([34, 33, 33]);
    expect(parts.flat()).toEqual(all);
  });

  test('stability: one shard more takes files from the others, and moves none between them', () => {
    const three = [0, 1, 2].map((current) => shard(current, 3, 'stability', many));
    const four = [0, 1, 2, 3].map((current) => shard(current, 4, 'stability', many));
    expect(three.flat().sort()).toEqual(all);
    expect(four.flat().sort()).toEqual(all);
    for (const [at, part] of three.entries()) {
      expect(part.length).toBeGreaterThan(10);
      expect(part).toEqual(expect.arrayContaining(four[at] ?? []));
    }
  });

  test('appends the files, whatever is in their names, or leaves them to who asks for them', () => {
    expect(shard(0, 1, 'stability').at(-1)).toBe("src/it's e.test.js");
    const asked = 'printf "%s\\n" "$CODEBUILD_CURRENT_SHARD_FILES" | wc -l';
    const args = ['--test-command', asked, `--files-search=${SEARCH}`];
    expect(run(['codebuild-tests-run', ...args]).map((line) => line.trim())).toEqual(['4']);
  });

  test('a part without files is no failure, a search without is one', () => {
    expect(shard(5, 6, 'equal-distribution')[0]).toContain('there is no file');
    expect(() => shard(0, 2, 'equal-distribution', "codebuild-glob-search 'none'")).toThrow();
    expect(() => shard(0, 2, 'neither')).toThrow('is none');
  });

  test('ends as the test command does', () => {
    const args = ['--test-command', 'exit 3;', '--files-search', SEARCH];
    const env = { PATH: path };
    const { status } = spawnSync('codebuild-tests-run', args, { cwd: join(tree, 'work'), env });
    expect(status).toBe(3);
  });
});

test('CB-A23: codebuild-hash-files is of what is in the files that match, in the source', () => {
  const hash = (...patterns: string[]) =>
    run(['codebuild-hash-files', ...patterns], { CODEBUILD_SRC_DIR: join(tree, 'work') });
  expect(hash('a.test.js')).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  expect(hash('**/*.test.js')).not.toEqual(hash('a.test.js'));
  expect(() => hash('nothing*')).toThrow();
});
