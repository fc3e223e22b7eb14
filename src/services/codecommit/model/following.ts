import type { Merge, PullRequest } from './pull-request.ts';
import type { References } from './references.ts';

/** What becomes of pull requests as branches move (CC-LIF-02, CC-LIF-03). Pure. */

/** A pull request that is open, or was closed while merges of it were under way, as far as branches matter to it. */
export interface Followed
  extends Pick<
    PullRequest,
    'status' | 'sourceReference' | 'sourceCommit' | 'destinationReference' | 'destinationCommit'
  > {
  /** The commits of `body.merging`. */
  mergingCommits: string[];
}

/** What git has to be asked. Answers are about commits, so that they hold for ever. */
export type Question =
  /** Is the commit `ancestor`, or does it come before, `commit`? */
  | { ask: 'contains'; commit: string; ancestor: string }
  /** The best common ancestor of two commits. */
  | { ask: 'base'; one: string; other: string };

export type Answers = ReadonlyMap<string, boolean | string | undefined>;

export const questionKey = (question: Question): string =>
  question.ask === 'contains'
    ? `contains ${question.commit} ${question.ancestor}`
    : `base ${question.one} ${question.other}`;

export type Step =
  | { step: 'none' }
  | { step: 'ask'; question: Question }
  /** The destination is elsewhere, which makes no new revision. */
  | { step: 'destination'; destinationCommit: string }
  | {
      step: 'revision';
      sourceCommit: string;
      destinationCommit: string;
      mergeBase: string | undefined;
    }
  /** A merge that was begun here is done: the one that moves the destination to this commit. */
  | { step: 'merged'; commitId: string }
  /** Somebody has moved the destination forward to the source. */
  | { step: 'landed'; sourceCommit: string; destinationCommit: string }
  | { step: 'closed' };

/** What the branches mean for a pull request, by what git has answered so far. */
export function follow(pr: Followed, actual: References, answers: Answers): Step {
  const source = actual.get(pr.sourceReference);
  const destination = actual.get(pr.destinationReference);
  const moved = destination !== undefined && destination !== pr.destinationCommit;
  const contains = (commit: string, ancestor: string): boolean | Question => {
    if (commit === ancestor) return true;
    const question: Question = { ask: 'contains', commit, ancestor };
    const key = questionKey(question);
    return answers.has(key) ? answers.get(key) === true : question;
  };
  for (const commitId of pr.mergingCommits) {
    if (destination === undefined) break;
    // Where it has not moved it can only be at a commit that it was at before: there was nothing to merge.
    const done = moved ? contains(destination, commitId) : destination === commitId;
    if (typeof done === 'object') return { step: 'ask', question: done };
    if (done) return { step: 'merged', commitId };
  }
  if (pr.status === 'CLOSED') return { step: 'none' };
  if (moved) {
    const tip = source ?? pr.sourceCommit;
    // CC-LIF-03: a merge that somebody has made at home contains the source, too, and closes nothing.
    const forward = destination === tip && contains(tip, pr.destinationCommit);
    if (typeof forward === 'object') return { step: 'ask', question: forward };
    if (forward) return { step: 'landed', sourceCommit: tip, destinationCommit: destination };
  }
  if (source === undefined || destination === undefined) return { step: 'closed' };
  if (source !== pr.sourceCommit) {
    const question: Question = { ask: 'base', one: source, other: destination };
    const key = questionKey(question);
    if (!answers.has(key)) return { step: 'ask', question };
    const mergeBase = answers.get(key);
    return {
      ...{ step: 'revision', sourceCommit: source, destinationCommit: destination },
      mergeBase: typeof mergeBase === 'string' ? mergeBase : undefined,
    };
  }
  return moved ? { step: 'destination', destinationCommit: destination } : { step: 'none' };
}

/**
 * Of merges that have begun and are not done, those that may still be: each moves the destination from the commit at which it found
 * it. Any other one would close the pull request with a revision that is none any more, whenever its commit came there.
 */
export const stillPossible = (merging: readonly Merge[], destination: string): Merge[] =>
  merging.filter(({ destinationCommit }) => destinationCommit === destination);
