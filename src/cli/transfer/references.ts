import { type GitSettings, runGit } from './git.ts';

/** All references of a repository, from one place to another by way of a bare repository between them. */

/** A push of the service's may change 4,000; so many names also fit on a command line. */
const AT_ONCE = 1000;

/** Makes an empty bare repository. */
export function makeBare(settings: GitSettings): Promise<string> {
  return runGit(settings, [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    '--initial-branch=main',
    '.',
  ]);
}

/** What of a working copy is its own: where other repositories were, and what was put aside. */
const OWN = ['^refs/remotes/*', '^refs/stash'];

/** Fetches every reference, and all that it leads to. */
export async function fetchAll(
  settings: GitSettings,
  url: string,
  { isWorkingCopy = false } = {},
): Promise<void> {
  const which = ['+refs/*:refs/*', ...(isWorkingCopy ? OWN : [])];

  const what = ['--force', '--no-tags', '--no-write-fetch-head', '--no-auto-maintenance'];
  const progress = settings.progress ? ['--progress'] : ['--quiet'];
  await runGit(settings, ['fetch', ...progress, ...what, '--', url, ...which]);
}

/** Full name of the branch at which a clone begins, or undefined where there is none. */
export async function defaultBranch(
  settings: GitSettings,
  url: string,
): Promise<string | undefined> {
  const said = await runGit(settings, ['ls-remote', '--symref', '--', url, 'HEAD']);
  return /^ref: (refs\/heads\/\S+)\tHEAD$/m.exec(said)?.[1];
}

/** Full names of all references, `first` before the others. */
export async function referencesOf(settings: GitSettings, first?: string): Promise<string[]> {
  const said = await runGit(settings, ['for-each-ref', '--format=%(refname)']);
  const all = said.split('\n').filter((name) => name !== '');
  const isFirst = (name: string) => name === first;
  return [...all.filter(isFirst), ...all.filter((name) => !isFirst(name))];
}

/** Pushes references as they are. @param settings anew for each push: what it is signed with does not last */
export async function pushAll(
  settings: () => GitSettings,
  url: string,
  references: readonly string[],
): Promise<void> {
  for (let start = 0; start < references.length; start += AT_ONCE) {
    const its = settings();
    const progress = its.progress ? ['--progress'] : ['--quiet'];
    const some = references.slice(start, start + AT_ONCE).map((name) => `+${name}:${name}`);
    await runGit(its, ['push', ...progress, '--no-verify', '--', url, ...some]);
  }
}
