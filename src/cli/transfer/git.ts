import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type { GitCredentials } from '../demo/resources.ts';

/** Git as a command moves repositories with it: no shell, and no secret in an argument. */

/** What git is run with beside its arguments. */
export interface GitSettings {
  /** Where it works: a bare repository. */
  directory: string;
  /** The protocols that it may speak. */
  protocols: readonly string[];
  /** Sent to this URL's host and no other. */
  credentials?: { url: string; given: GitCredentials } | undefined;
  /** Without the user's own configuration: for a server of ours, for which it is not meant. */
  isOwn?: boolean;
  /** Of a server's own CA. */
  caFile?: string | undefined;
  /** Where what it says goes; default: into the error. */
  progress?: Writable | undefined;
}

/** Reads its answer from the environment, which other users do not see. */
const HELPER =
  '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$SLIPWAY_GIT_USER" "$SLIPWAY_GIT_PASSWORD"; }; f';

/** Whatever a repository or somebody's configuration says: nothing is run, fetched or checked out but what was asked for. */
const CONFIGURATION: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.logAllRefUpdates', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['push.recurseSubmodules', 'no'],
  ['push.gpgSign', 'false'],
  ['transfer.bundleURI', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
];

function environmentOf({ protocols, credentials, isOwn, caFile }: GitSettings): NodeJS.ProcessEnv {
  const settings = [...CONFIGURATION];
  if (credentials) {
    const { origin } = new URL(credentials.url);
    // What the user has for other hosts stays his; for this one it is what was said here.
    settings.push([`credential.${origin}.helper`, '']);
    settings.push([`credential.${origin}.helper`, HELPER]);
  }
  const config = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, key],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ]);
  return {
    ...process.env,
    ...(isOwn && { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }),
    ...((isOwn || !process.stdin.isTTY) && { GIT_TERMINAL_PROMPT: '0' }),
    // By the environment, where what it may have had before would count for more than any setting.
    ...(caFile !== undefined && { GIT_SSL_CAINFO: caFile }),
    GIT_ALLOW_PROTOCOL: protocols.join(':'),
    GIT_CONFIG_COUNT: String(settings.length),
    ...Object.fromEntries(config),
    SLIPWAY_GIT_USER: credentials?.given.userName,
    SLIPWAY_GIT_PASSWORD: credentials?.given.password,
    // Of the repository that the command may be run in.
    ...{ GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined },
    ...{ GIT_OBJECT_DIRECTORY: undefined, GIT_ALTERNATE_OBJECT_DIRECTORIES: undefined },
  };
}

/** What git says is kept to this much, the end of it. */
const KEPT = 16 * 1024;

/** What git did not do, in its own words. */
export class GitFailed extends Error {
  override name = 'GitFailed';
}

export type GitChild = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts git. @returns it, and its end, which fails with what it said */
export function startGit(settings: GitSettings, args: string[]) {
  const child: GitChild = spawn('git', args, {
    cwd: settings.directory,
    env: environmentOf(settings),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.on('error', () => {});
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    settings.progress?.write(chunk);
    words = (words + chunk.toString()).slice(-KEPT);
  });
  const ended = once(child, 'close').then(([code]) => {
    if (code !== 0) throw new GitFailed(`git ${args[0]} ended with ${code}: ${words.trim()}`);
  });
  // Who waits for it hears of it; nobody else has to.
  ended.catch(() => {});
  return { child, ended };
}

/** Runs git to its end. @returns what it wrote, which is to be little @throws GitFailed */
export async function runGit(
  settings: GitSettings,
  args: string[],
  input?: string,
): Promise<string> {
  const { child, ended } = startGit(settings, args);
  child.stdin.end(input);
  const pieces: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => pieces.push(chunk));
  await ended;
  return Buffer.concat(pieces).toString();
}
