import type { Tx } from '../../../db/database.ts';
import { GitLimitError } from '../../../git/bounds.ts';
import type { GitRepository } from '../../../git/git-host.ts';
import { GitError } from '../../../git/process.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import type { Platform } from '../../../kit/service.ts';
import {
  type Followed,
  follow,
  type Question,
  questionKey,
  type Step,
  stillPossible,
} from '../model/following.ts';
import {
  type Merge,
  type PullRequest,
  type PullRequestBody,
  type PullRequestKey,
  revisionIdOf,
} from '../model/pull-request.ts';
import { type Deed, happeningOf, pullRequestEvent } from '../model/pull-request-events.ts';
import type { References } from '../model/references.ts';
import { insertPullRequestEvent, insertRevision } from '../store/pull-request-history.ts';
import { findPullRequest, followedPullRequests, savePullRequest } from '../store/pull-requests.ts';
import { repositoryArn } from '../store/repositories.ts';

/** How pull requests follow their branches, and how what happens to them is written down and announced. */

type Writing = Pick<Platform, 'clock' | 'events' | 'config' | 'serverEndpoint'>;

/** Saves a pull request as a deed has made it, with the deed in its history, and announces that. @returns it as it is saved */
export async function saveDeed(
  platform: Writing,
  tx: Tx,
  pr: PullRequest,
  { actorArn, deed }: { actorArn: string; deed: Deed },
  save: (tx: Tx, pr: PullRequest) => Promise<void> = savePullRequest,
): Promise<PullRequest> {
  const events = pr.body.events + 1;
  const saved = { ...pr, activity: platform.clock.now(), body: { ...pr.body, events } };
  await save(tx, saved);
  await insertPullRequestEvent(tx, saved, happeningOf(saved, actorArn, deed), events);
  const arn = repositoryArn({ ...saved, name: saved.repositoryName });
  const endpoint = publicUrl(platform);
  await platform.events.publish(tx, pullRequestEvent(saved, { arn }, { actorArn, deed, endpoint }));
  return saved;
}

/** What git has said so far. Its answers are about commits and hold for ever. */
export type GitAnswers = Map<string, boolean | string | undefined>;

/** Asks git what has to be known of the branches before pull requests can follow them. */
export async function askGit(
  platform: Platform,
  repositoryId: string,
  actual: References,
  answers: GitAnswers,
): Promise<void> {
  const all = await followedPullRequests(platform.db, repositoryId);
  const git = platform.git.repository(repositoryId);
  for (;;) {
    const questions = questionsOf(all, actual, answers);
    if (questions.length === 0) return;
    await answer(git, questions, answers);
  }
}

function questionsOf(all: readonly Followed[], actual: References, answers: GitAnswers) {
  const asked = new Map<string, Question>();
  for (const pr of all) {
    const step = follow(pr, actual, answers);
    if (step.step === 'ask') asked.set(questionKey(step.question), step.question);
  }
  return [...asked.values()];
}

async function answer(
  git: GitRepository,
  questions: readonly Question[],
  answers: GitAnswers,
): Promise<void> {
  const contained = questions.filter((question) => question.ask === 'contains');
  // A push to a branch that a thousand pull requests are to be merged into is one question.
  for (const [commit, group] of Map.groupBy(contained, (question) => question.commit)) {
    const ancestors = group.map(({ ancestor }) => ancestor);
    const found = await orUnknown(git.containedIn(commit, ancestors));
    for (const question of group)
      answers.set(questionKey(question), found?.has(question.ancestor) ?? false);
  }
  const bases = questions.filter((question) => question.ask === 'base');
  for (const [commit, group] of byMostCommon(bases)) {
    const others = group.map(({ one, other }) => (one === commit ? other : one));
    const found = await orUnknown(git.mergeBases(commit, others));
    for (const [index, question] of group.entries()) {
      const other = others[index] ?? '';
      // A commit that is gone keeps no answer from the others.
      const base = found ? found.get(other) : await orUnknown(git.mergeBase(commit, other));
      answers.set(questionKey(question), base);
    }
  }
}

type BaseQuestion = Extract<Question, { ask: 'base' }>;

/** By a commit that all of a group have: what is pushed at once are sources of one destination, or one of many destinations. */
function byMostCommon(questions: readonly BaseQuestion[]): Map<string, BaseQuestion[]> {
  const [byOne, byOther] = [
    Map.groupBy(questions, ({ one }) => one),
    Map.groupBy(questions, ({ other }) => other),
  ];
  return byOne.size < byOther.size ? byOne : byOther;
}

/** What git cannot do within its bounds, or of commits that are gone, is not known: pull requests stay open. */
export async function orUnknown<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GitError || error instanceof GitLimitError) return undefined;
    throw error;
  }
}

type Taken = { key: PullRequestKey; step: Exclude<Step, { step: 'ask' | 'none' }> };

/** What pull requests have to do, or undefined where git has to be asked more before. */
export async function stepsToTake(
  tx: Tx,
  repositoryId: string,
  actual: References,
  answers: GitAnswers,
): Promise<Taken[] | undefined> {
  const taken: Taken[] = [];
  for (const key of await followedPullRequests(tx, repositoryId)) {
    const step = follow(key, actual, answers);
    if (step.step === 'ask') return undefined;
    if (step.step !== 'none') taken.push({ key, step });
  }
  return taken;
}

/** Lets pull requests take their steps. @param userArn who has moved the branches */
export async function takeSteps(
  platform: Writing,
  tx: Tx,
  { steps, userArn }: { steps: readonly Taken[]; userArn: string },
): Promise<void> {
  for (const { key, step } of steps) {
    const pr = await findPullRequest(tx, key);
    if (pr) await take(platform, tx, pr, step, userArn);
  }
}

/** Without merges that cannot be done any more, the destination being at this commit. */
function withoutVain({ merging, ...body }: PullRequestBody, destination: string): PullRequestBody {
  const left = stillPossible(merging ?? [], destination);
  return { ...body, ...(left.length > 0 && { merging: left }) };
}

async function take(
  platform: Writing,
  tx: Tx,
  pr: PullRequest,
  step: Taken['step'],
  userArn: string,
): Promise<void> {
  if (step.step === 'destination') {
    const { destinationCommit } = step;
    const body = withoutVain(pr.body, destinationCommit);
    await savePullRequest(tx, { ...pr, destinationCommit, body });
    return;
  }
  if (step.step === 'revision') {
    const { sourceCommit, destinationCommit, mergeBase } = step;
    const revision = pr.body.revision + 1;
    const revisionId = revisionIdOf(pr, revision, sourceCommit);
    const body = {
      ...withoutVain(pr.body, destinationCommit),
      ...{ revision, mergeBase: { commitId: mergeBase, destinationCommit } },
    };
    await insertRevision(tx, pr, revisionId);
    const changed = { ...pr, sourceCommit, destinationCommit, revisionId, body };
    await saveDeed(platform, tx, changed, { actorArn: userArn, deed: { deed: 'sourceUpdated' } });
    return;
  }
  const closed: PullRequest = { ...pr, status: 'CLOSED' };
  // Merges that are under way may still move the destination.
  if (step.step === 'closed') {
    const deed = { actorArn: userArn, deed: { deed: 'closed' } } as const;
    await saveDeed(platform, tx, closed, deed);
    return;
  }
  const { merging = [], ...body } = pr.body;
  const merge: Merge | undefined =
    step.step === 'merged'
      ? merging.find(({ commitId }) => commitId === step.commitId)
      : {
          ...{ mergedBy: userArn, commitId: step.destinationCommit },
          option: 'FAST_FORWARD_MERGE',
          sourceCommit: step.sourceCommit,
          destinationCommit: pr.destinationCommit,
        };
  if (!merge) throw new Error(`Pull request ${pr.number} has no such merge`);
  const { sourceCommit, destinationCommit, mergedBy } = merge;
  await saveDeed(
    platform,
    tx,
    { ...closed, sourceCommit, destinationCommit, body: { ...body, merged: merge } },
    { actorArn: mergedBy, deed: { deed: 'merged', merge } },
  );
}
