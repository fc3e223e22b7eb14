import type { Slots } from '../lib/slots.ts';
import type { PushBounds } from './bounds.ts';

/** A process that ends with the server. */
export interface Ending {
  closed: Promise<number>;
  end(): void;
}

/** What every git process is started with. */
export interface GitRuntime {
  /** Name or path of the git binary. */
  binary: string;
  /** PATH for git and the commands that it starts. */
  searchPath: string;
  /** What a push may bring. */
  push: PushBounds;
  /** The folder of the server's own hooks: repositories have none. */
  hooks: string;
  /** Those that have not ended. */
  running: Set<Ending>;
  /** Room for processes that may take much. */
  slots: Record<'history' | 'archive' | 'maintenance' | 'merge' | 'look', Slots>;
  /** What of the configuration is otherwise here. */
  configuration?: Record<string, string>;
}

/** Old flaws that are all over real histories and harm nobody. */
const FLAWS = [
  'zeroPaddedFilemode',
  'missingSpaceBeforeDate',
  'badTimezone',
  'zeroPaddedDate',
  'missingEmail',
  'missingSpaceBeforeEmail',
  'missingNameBeforeEmail',
  'badEmail',
  'badName',
  'badFilemode',
  'missingTaggerEntry',
  'nulInCommit',
];

/** @param from how the objects come */
export function flawsOf(from: 'receive' | 'fetch'): Record<string, string> {
  return Object.fromEntries(FLAWS.map((flaw) => [`${from}.fsck.${flaw}`, 'ignore']));
}

/**
 * Configuration of every repository, kept here rather than in each repository's file so that a new version
 * of the server changes them all, and given by the environment, so that git's own children see it too.
 */
function configuration(directory: string): Record<string, string> {
  return {
    // Nothing but the server's own user decides what this server may open.
    'safe.directory': directory,
    // An accepted push is on the disk: objects, their index and the references.
    'core.fsync': 'objects,derived-metadata,reference',
    'core.hooksPath': '/dev/null',
    'core.logAllRefUpdates': 'false',
    'core.filesRefLockTimeout': '5000',
    'core.packedRefsTimeout': '5000',
    'core.protectHFS': 'true',
    'core.protectNTFS': 'true',
    // Few objects become files of their own; more stay one pack, which is one sync instead of one for each.
    'transfer.unpackLimit': '20',
    'fastimport.unpackLimit': '20',
    'uploadpack.allowFilter': 'true',
    // Git walks every path for it, where it walks every object for the others: a few trees can have any number of paths.
    'uploadpackfilter.sparse:oid.allow': 'false',
    'uploadpack.allowAnySHA1InWant': 'true',
    'receive.fsckObjects': 'true',
    ...flawsOf('receive'),
    'receive.denyDeleteCurrent': 'refuse',
    'receive.denyCurrentBranch': 'ignore',
    'receive.denyNonFastForwards': 'false',
    'receive.denyDeletes': 'false',
    'receive.advertisePushOptions': 'true',
    // Garbage is collected when the server says so, not by a process that outlives the push.
    'receive.autoGC': 'false',
    'gc.auto': '0',
    'gc.pruneExpire': 'never',
    'maintenance.auto': 'false',
    'protocol.allow': 'never',
  };
}

/** The whole environment of a git process: nothing of the server's, the user's or the system's gets in. */
export function gitEnvironment(runtime: GitRuntime, directory: string): Record<string, string> {
  const entries = Object.entries({ ...configuration(directory), ...runtime.configuration });
  const env: Record<string, string> = {
    PATH: runtime.searchPath,
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: '',
    GIT_PROTOCOL_FROM_USER: '0',
    GIT_NO_LAZY_FETCH: '1',
    // A pushed refs/replace/* must not change what the API reads.
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_CONFIG_COUNT: String(entries.length),
  };
  for (const [index, [key, value]] of entries.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = key;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  }
  return env;
}
