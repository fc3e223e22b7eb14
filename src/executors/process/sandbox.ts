import { execFile } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where the work sees its own tree inside the sandbox: the place that CodeBuild's builds know. */
export const SANDBOX_ROOT = '/codebuild';
const PROBE_TIMEOUT_MS = 5000;
/** Made anew for the sandbox instead of shown from the machine. */
const REPLACED = new Set(['proc', 'dev', 'tmp', SANDBOX_ROOT.slice(1)]);

/**
 * Arguments that make bubblewrap show the machine read-only, without `hidden`, with the work's own tree
 * writable and a /tmp of its own. The network stays: builds call the server on loopback.
 */
export function sandboxArguments(tree: string, tmp: string, hidden: string[]): string[] {
  return [
    ...[
      '--unshare-user',
      '--uid',
      '0',
      '--gid',
      '0',
      '--unshare-pid',
      '--unshare-ipc',
      '--die-with-parent',
    ],
    ...readdirSync('/')
      .filter((name) => !REPLACED.has(name))
      .flatMap(showReadOnly),
    ...['--proc', '/proc', '--dev', '/dev', '--bind', tmp, '/tmp'],
    ...hidden.flatMap(hide),
    ...['--bind', tree, SANDBOX_ROOT],
  ];
}

/** True when bubblewrap is installed and may do its work here (user namespaces can be forbidden); else why not. */
export async function probeSandbox(bwrap: string, path: string): Promise<true | string> {
  try {
    const tree = realpathSync('/');
    const args = sandboxArguments(tree, tree, []);
    await promisify(execFile)(bwrap, [...args, 'true'], {
      timeout: PROBE_TIMEOUT_MS,
      env: { PATH: path },
    });
    return true;
  } catch (error) {
    const { code, stderr } = error as { code?: string; stderr?: string };
    return code === 'ENOENT'
      ? 'bubblewrap is not installed'
      : `bubblewrap does not work here: ${stderr?.trim() || code}`;
  }
}

function showReadOnly(name: string): string[] {
  const path = join('/', name);
  if (lstatSync(path).isSymbolicLink()) return ['--symlink', readlinkSync(path), path];
  return ['--ro-bind-try', path, path];
}

function hide(path: string): string[] {
  if (!existsSync(path)) return [];
  const real = realpathSync(path);
  // /tmp and /proc are others in there anyway; a mount point would have to be made in them.
  if (/^\/(tmp|proc|dev)(\/|$)/.test(real)) return [];
  return statSync(real).isDirectory() ? ['--tmpfs', real] : ['--ro-bind', '/dev/null', real];
}
