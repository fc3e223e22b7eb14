// Runs a script of this project under Node 24, whatever `node` the shell finds, and installs the
// dependencies first when they are missing, so that every npm script is one command on a fresh clone.
// Plain JavaScript without dependencies: it must run on Node 20 before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** True when node_modules holds exactly what package-lock.json asks for, as far as npm recorded it. */
function installed() {
  const marker = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(marker)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const found = JSON.parse(readFileSync(marker, 'utf8')).packages;
  return Object.entries(wanted).every(
    ([path, p]) => path === '' || p.optional || found[path]?.version === p.version,
  );
}

/** Path of a Node 24 or later: the bundled one for this platform, or the one that runs this script. */
function nodeBinary() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const require = createRequire(join(root, 'package.json'));
  try {
    return join(dirname(require.resolve(`${name}/package.json`)), 'bin', 'node');
  } catch {
    if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
    process.stderr.write(
      `Slipway needs Node 24; there is no bundled one for ${name}. Install Node 24 or later.\n`,
    );
    process.exit(1);
  }
}

if (!installed()) {
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) process.exit(npm.status ?? 1);
}

/** node:sqlite is marked experimental; a small young generation costs no speed here and saves 40 MB. */
const FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];

const node = nodeBinary();
const args = process.argv.slice(2);
// `npm start` alone: a server has its console, built again where its sources are others than it was built of.
if (args[0] === '--with-console') {
  args.shift();
  const built = spawnSync(node, [...FLAGS, join(root, 'console', 'build.ts'), '--if-changed'], {
    stdio: ['ignore', 2, 2],
  });
  if (built.status !== 0)
    process.stderr.write('The console could not be built; the server starts without it.\n');
}
// Compiled code of the project and its packages is kept: a start takes half the time.
const cache = join(root, 'node_modules', '.cache', 'node');
const child = spawn(node, [...FLAGS, ...args], {
  stdio: 'inherit',
  env: {
    NODE_COMPILE_CACHE: cache,
    ...process.env,
    // So that what Slipway runs for others gets the machine's environment again: src/lib/machine-environment.ts.
    SLIPWAY_LAUNCHER_CACHE: cache,
    PATH: `${dirname(node)}:${process.env.PATH ?? ''}`,
  },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
