import { limits } from '../limits.ts';

/** What CodeCommit allows in names, beyond git's own rules. Pure. */

/** CC-LIM-01. */
export function isRepositoryName(name: string): boolean {
  return (
    name.length <= limits.repositoryName &&
    /^[\w.-]+$/.test(name) &&
    !name.endsWith('.git') &&
    name !== '.' &&
    name !== '..'
  );
}

/** Git makes a file of each part, beside one that ends in `.lock`: of 255 bytes, as file systems have it. */
const LONGEST_PART = 250;

/** CC-LIM-02, and what git-check-ref-format(1) refuses besides. A branch called HEAD would be taken for the default one. */
export function isBranchName(name: string): boolean {
  if (name === '' || name.length > limits.branchName || /^(@|HEAD)$/.test(name)) return false;
  if (/^[0-9a-f]{40}$/i.test(name) || /^[/.]|[/.]$/.test(name)) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/\.\.|\/\/|@\{|[\x00-\x20\x7f?^*[\\~:]/.test(name)) return false;
  const fits = (part: string) => Buffer.byteLength(part) <= LONGEST_PART;
  return (
    name.isWellFormed() && name.split('/').every((part) => !/^\.|\.lock$/.test(part) && fits(part))
  );
}

/**
 * CC-LIM-03: a path in the form in which git keeps it, or undefined when it is none.
 * One slash at the front is taken for the root, as AWS does.
 */
export function normalizePath(path: string): string | undefined {
  const relative = path.startsWith('/') ? path.slice(1) : path;
  if (path.length > limits.filePath || /\/$|\\$/.test(relative)) return undefined;
  if (relative.includes('\0') || !relative.isWellFormed()) return undefined;
  if (relative === '') return '';
  const parts = relative.split('/');
  if (parts.length - 1 > limits.folderDepth) return undefined;
  if (parts.some((part) => part === '' || part === '.' || part === '..')) return undefined;
  return relative;
}

/** The branch that a full reference name means, or undefined for a tag or another reference. */
export function branchOf(reference: string): string | undefined {
  return reference.startsWith('refs/heads/') ? reference.slice('refs/heads/'.length) : undefined;
}

/** References that a commit specifier may mean, the likeliest first (CC-FI-03). */
export function candidateReferences(specifier: string): string[] {
  const short = [`refs/heads/${specifier}`, `refs/tags/${specifier}`];
  return specifier.startsWith('refs/') ? [specifier, ...short] : short;
}

export interface AskedTarget {
  targetBranch?: string | undefined;
  destinationCommitSpecifier: string | undefined;
}

/** The branch that a merge moves, told by the call alone, so that a policy can name it: the target branch, else the destination. */
export function targetName({ targetBranch, destinationCommitSpecifier = '' }: AskedTarget): string {
  return targetBranch ?? branchOf(destinationCommitSpecifier) ?? destinationCommitSpecifier;
}

/** The folders that a path is in, the outermost first. */
export function foldersAbove(path: string): string[] {
  const above: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
    above.push(path.slice(0, at));
  return above;
}

/** The folder that a path is in: empty for what is in none. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
