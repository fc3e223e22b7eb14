import { type Forge, kindOf } from '../../../kit/forges/repository.ts';
import { ownValue } from '../../../lib/own.ts';

/** What a source version asks git for (CB-C4). */
export interface WantedVersion {
  /** Full names, the first that is there counts. None: the commit may be on any branch or tag. */
  references: string[];
  commit?: string;
}

const COMMIT_ID = /^[0-9a-f]{40}$/;
/** Where a forge has what is proposed in pull request N. */
const PULLS: Record<string, (number: string) => string> = {
  github: (number) => `refs/pull/${number}/head`,
  gitlab: (number) => `refs/merge-requests/${number}/head`,
};
/** As `git check-ref-format` has it, and nothing that a refspec would say with it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const NO_NAME = /[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.lock(\/|$)|(^|\/)\.|\.$|\/$/;

/**
 * A branch, a tag, a commit, `pr/N`, `refs/heads/x^{sha}`; nothing is the default branch.
 * @returns undefined for what can be none of them
 */
export function wantedVersion(
  version: string | undefined,
  forge: Forge | undefined,
): WantedVersion | undefined {
  if (!version) return { references: ['HEAD'] };
  if (COMMIT_ID.test(version)) return { references: [], commit: version };
  const [, pinned, commit] = /^(refs\/.+)\^\{([0-9a-f]{40})\}$/.exec(version) ?? [];
  const name = pinned ?? version;
  if (NO_NAME.test(name) || name.length > 1024) return undefined;
  return { references: namesOf(name, forge), ...(commit !== undefined && { commit }) };
}

function namesOf(name: string, forge: Forge | undefined): string[] {
  const [, number] = /^pr\/(\d{1,10})$/.exec(name) ?? [];
  const pull = number && forge && ownValue(PULLS, kindOf(forge));
  const plain = name.startsWith('refs/') ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`];
  return pull ? [pull(number), ...plain] : plain;
}
