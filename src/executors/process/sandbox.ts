import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { sealed } from '../../lib/inherited.ts';
import { withFilter } from './filter-descriptor.ts';
import { viewOf } from './sandbox-view.ts';
import { FILTERED_ARCHITECTURES } from './seccomp.ts';

export const BUBBLEWRAP = 'bwrap';
const PROBE_TIMEOUT_MS = 5000;

/**
 * The users that work of a root-run server gets, one for each: a range that systemd's list of users leaves free
 * (https://systemd.io/UIDS-GIDS, 0x70000000 to 0x7FFFFFFF).
 */
const FIRST_UID = 0x70000000;
const UIDS = 0x10000000;

/** What the machine's bubblewrap can do. */
export interface SandboxTools {
  /** The server runs as root: work gets a user of its own. */
  root: boolean;
  /** Namespaces within the sandbox can be forbidden (bubblewrap 0.8). */
  disableUserns: boolean;
}

export interface SandboxPlace {
  tree: string;
  /** Where the work sees the tree. */
  root: string;
  tmp: string;
  /** Files and directories that must not be seen. */
  hidden: string[];
  /** PATH of the work: what of it lies outside of the system's directories is shown, read-only. */
  path: string;
  /** The user that the work is for the machine; undefined when that is the server's own. */
  uid: number | undefined;
}

/** The user of a work: follows from the id of the work, so that it needs no list of those that are taken. @param digest of the id, at least 32 bits */
export function uidOf(digest: Buffer): number {
  return FIRST_UID + (digest.readUInt32BE(0) % UIDS);
}

/**
 * The command in its sandbox: the system's directories read-only, the work's own tree writable, a /tmp of its
 * own, nothing else of the machine; no capability, no way to new ones, no namespaces in it. The network stays:
 * builds call the server on loopback. The work is root in there, as builds are on AWS, and has no right of root.
 * What no namespace keeps apart (keyrings) is refused by a filter of system calls.
 *
 * A server that is root needs two layers: the outer one shows what only root may reach, the inner one is an
 * unprivileged user's.
 * @param filter the descriptor that has the filter, from `withFilter`
 */
export function sandboxed(
  place: SandboxPlace,
  tools: SandboxTools,
  filter: number,
  command: string[],
): string[] {
  const view = viewOf(place);
  const enter = ['--seccomp', `${filter}`, '--chdir', place.root, '--', ...command];
  if (place.uid === undefined) {
    const own = [...confinement(tools), ...view, '--proc', '/proc', '--dev', '/dev'];
    return [BUBBLEWRAP, ...own, ...enter];
  }
  const below = ['--bind', '/proc', '/proc', '--dev-bind', '/dev', '/dev', '--'];
  const outer = [BUBBLEWRAP, '--die-with-parent', ...view, ...below];
  const user = ['setpriv', '--reuid', `${place.uid}`, '--regid', `${place.uid}`, '--clear-groups'];
  const powerless = ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all', '--'];
  const inner = ['--dev-bind', '/', '/', '--proc', '/proc', '--dev', '/dev', ...enter];
  return [...outer, ...user, ...powerless, BUBBLEWRAP, ...confinement(tools), ...inner];
}

function confinement({ disableUserns }: SandboxTools): string[] {
  return [
    '--unshare-user',
    ...(disableUserns ? ['--disable-userns'] : []),
    ...['--uid', '0', '--gid', '0'],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--cap-drop', 'ALL', '--die-with-parent'],
  ];
}

/** What can be had here, found out by doing it; else why not. User namespaces can be forbidden. */
export async function probeSandbox(path: string): Promise<SandboxTools | string> {
  if (!FILTERED_ARCHITECTURES.includes(process.arch))
    return `the sandbox has no filter for the system calls of ${process.arch}`;
  const root = process.getuid?.() === 0;
  const tree = mkdtempSync(join(tmpdir(), 'slipway-probe-'));
  chmodSync(tree, 0o755);
  const place = {
    tree,
    root: '/work',
    tmp: tree,
    hidden: [],
    path,
    uid: root ? FIRST_UID : undefined,
  };
  try {
    const strong = { root, disableUserns: true };
    const reason = await attempt(place, strong);
    if (reason === undefined) return strong;
    const weak = { root, disableUserns: false };
    return (await attempt(place, weak)) === undefined ? weak : reason;
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

async function attempt(place: SandboxPlace, tools: SandboxTools): Promise<string | undefined> {
  const child = withFilter(sealed(['ignore', 'ignore', 'pipe']), (stdio, filter) => {
    const [program = '', ...args] = sandboxed(place, tools, filter, ['true']);
    const env = { PATH: place.path };
    return spawn(program, args, { timeout: PROBE_TIMEOUT_MS, env, stdio });
  });
  const closed = once(child, 'close');
  closed.catch(() => {});
  const said = child.stderr ? text(child.stderr) : '';
  try {
    const [code, signal] = await closed;
    if (code === 0) return undefined;
    return `bubblewrap does not work here: ${(await said).trim() || (signal ?? `exit ${code}`)}`;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? 'bubblewrap is not installed'
      : `bubblewrap does not work here: ${message}`;
  }
}
