import { dirname } from 'node:path';

type Environment = Record<string, string | undefined>;

/** npm puts these in front of the PATH of what it runs (`npm start`): the project's own programs, and node-gyp. */
const isNpmDirectory = (directory: string) =>
  directory.endsWith('/node-gyp-bin') ||
  (directory.endsWith('/.bin') && directory.includes('/node_modules/'));

/** What npm tells a script that it runs. */
const NPM_VARIABLE = /^npm_|^INIT_CWD$/;

/**
 * The environment as the machine has it: without the Node, the compile cache and the npm directories that the
 * launcher (tools/run.mjs) and npm put in for Slipway itself. What Slipway runs for others must not find them: an `npm
 * install -g` would write into Slipway's node_modules.
 * @param execPath the Node that runs this process
 */
export function machineEnvironment(
  env: Environment,
  execPath: string = process.execPath,
): Environment {
  const { SLIPWAY_LAUNCHER_CACHE: ours, ...rest } = env;
  if (rest.npm_lifecycle_event !== undefined) {
    for (const name of Object.keys(rest)) if (NPM_VARIABLE.test(name)) delete rest[name];
  }
  if (ours !== undefined && rest.NODE_COMPILE_CACHE === ours) delete rest.NODE_COMPILE_CACHE;
  return { ...rest, PATH: machinePath(env.PATH ?? '', execPath) };
}

/** The PATH of {@link machineEnvironment}. */
export function machinePath(path: string, execPath: string = process.execPath): string {
  const bundled = /\/node_modules\/node-[^/]+\/bin\/node$/.test(execPath)
    ? dirname(execPath)
    : undefined;
  return path
    .split(':')
    .filter((directory) => directory !== bundled && !isNpmDirectory(directory))
    .join(':');
}
