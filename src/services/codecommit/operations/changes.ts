import type { NoChangeException } from '@aws-sdk/client-codecommit';
import type { Commit, Reference } from '../../../git/git-host.ts';
import { isObjectId } from '../../../git/names.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  branchDoesNotExist,
  branchNameIsTagName,
  commitMessageLengthExceeded,
  fileContentRequired,
  fileContentSizeLimitExceeded,
  invalidEmail,
  invalidParentCommitId,
  nameLengthExceeded,
  parentCommitDoesNotExist,
  parentCommitIdOutdated,
  parentCommitIdRequired,
  sameFileContent,
} from '../errors.ts';
import { messageOf, personOf } from '../history/authors.ts';
import { changingReferences } from '../history/references.ts';
import { limits } from '../limits.ts';
import { type CommitPlan, planCommit } from '../model/commit-plan.ts';
import {
  type CommitRequest,
  checkCommitRequest,
  checkFileMode,
  checkNewPath,
} from '../model/commit-request.ts';
import { atBranch, type OpenRepository, openRepository } from '../resources/repository.ts';
import { checkBranchName } from './arguments.ts';
import { codecommit } from './declare.ts';

/** What all three operations say about their commit. */
interface CommitText {
  name?: string | undefined;
  email?: string | undefined;
  commitMessage?: string | undefined;
}

interface Made {
  commitId: string;
  treeId: string;
  plan: CommitPlan;
}

/** @throws NameLengthExceeded, InvalidEmail, CommitMessageLengthExceeded exceptions */
function checkText({ name = '', email = '', commitMessage = '' }: CommitText): void {
  if (name.length > limits.authorName) throw nameLengthExceeded();
  if (email.length > limits.email) throw invalidEmail();
  if (Buffer.byteLength(commitMessage) > limits.commitMessage) throw commitMessageLengthExceeded();
}

/** @throws InvalidParentCommitIdException */
function checkParent(id: string | undefined): void {
  if (id !== undefined && !isObjectId(id)) throw invalidParentCommitId();
}

/**
 * The commit that a new one on `branch` stands on: the branch's tip, which the caller must have named; none for
 * the first commit of a repository.
 */
async function parentOf(
  repository: OpenRepository,
  branch: string,
  parentCommitId: string | undefined,
): Promise<Commit | undefined> {
  const { git } = repository;
  const [heads, tags] = [`refs/heads/${branch}`, `refs/tags/${branch}`];
  const found = await git.references([heads, tags]);
  const isTip = ({ name }: Reference) => name === heads;
  let tip = found.find(isTip);
  if (!tip) {
    if (found.length > 0) throw branchNameIsTagName();
    const branches = await git.references(['refs/heads/']);
    // Somebody else's first commit may have made it between the two looks.
    tip = branches.find(isTip);
    if (!tip && branches.length > 0) throw branchDoesNotExist(branch);
    if (!tip && parentCommitId) throw parentCommitDoesNotExist();
    if (!tip) return undefined;
  }
  if (!parentCommitId) throw parentCommitIdRequired();
  const parent = await git.commit(parentCommitId);
  if (!parent) throw parentCommitDoesNotExist();
  if (parentCommitId === tip.id) return parent;
  // What is there, but in no history of this branch, is none of its commits.
  const known = await git.containedIn(tip.id, [parentCommitId]);
  throw known.size > 0 ? parentCommitIdOutdated() : parentCommitDoesNotExist();
}

/** A message for a commit that came without one. */
function defaultMessage({ filesAdded, filesUpdated, filesDeleted }: CommitPlan): string {
  const lines = [
    ...filesAdded.map(({ absolutePath }) => `Added ${absolutePath}`),
    ...filesUpdated.map(({ absolutePath }) => `Edited ${absolutePath}`),
    ...filesDeleted.map(({ absolutePath }) => `Deleted ${absolutePath}`),
  ];
  return lines.join('\n');
}

/** Writes the commit and moves the branch to it, if the branch has not moved meanwhile. */
async function commitTo(
  ctx: ServiceContext,
  repository: OpenRepository,
  input: CommitText & { branch: string; parentCommitId: string | undefined },
  request: CommitRequest,
): Promise<Made> {
  const { git, record } = repository;
  const parent = await parentOf(repository, input.branch, input.parentCommitId);
  const tree = parent?.tree;
  const plan = await planCommit(request, {
    find: async (path) => (tree ? git.find(tree, path) : undefined),
    list: async (folder) => {
      const entry = tree && (await git.find(tree, folder));
      return entry ? git.tree(entry.id) : [];
    },
  });
  const person = personOf(ctx, input);
  const commitId = await git.writeCommit({
    parents: parent ? [parent.id] : [],
    author: person,
    committer: person,
    message: messageOf(input.commitMessage) || defaultMessage(plan),
    changes: plan.changes,
  });
  const outcome = await changingReferences(ctx, record.repositoryId, () =>
    git.updateReference(`refs/heads/${input.branch}`, commitId, parent?.id),
  );
  if (outcome === 'moved') throw parentCommitIdOutdated();
  const commit = await git.commit(commitId);
  return { commitId, treeId: commit?.tree ?? '', plan };
}

export const createCommit = codecommit('createCommit', atBranch, async (ctx, input, located) => {
  const branch = checkBranchName(input.branchName);
  checkParent(input.parentCommitId);
  const { authorName: name, email, commitMessage, parentCommitId } = input;
  checkText({ name, email, commitMessage });
  const request = checkCommitRequest(input);
  const repository = await openRepository(ctx, located);
  const text = { branch, parentCommitId, name, email, commitMessage };
  const { commitId, treeId, plan } = await commitTo(ctx, repository, text, request);
  const { filesAdded, filesUpdated, filesDeleted } = plan;
  return { commitId, treeId, filesAdded, filesUpdated, filesDeleted };
});

export const putFile = codecommit('putFile', atBranch, async (ctx, input, located) => {
  const branch = checkBranchName(input.branchName);
  const path = checkNewPath(input.filePath);
  const content = input.fileContent;
  if (!content || content.length === 0) throw fileContentRequired();
  if (content.length > limits.file) throw fileContentSizeLimitExceeded();
  const mode = checkFileMode(input.fileMode ?? 'NORMAL');
  checkParent(input.parentCommitId);
  checkText(input);
  const repository = await openRepository(ctx, located);
  const puts = [{ path, mode, content }];
  const request = { puts, deletes: [], modes: [], keepEmptyFolders: false };
  const { commitId, treeId, plan } = await commitTo(
    ctx,
    repository,
    { ...input, branch, parentCommitId: input.parentCommitId },
    request,
  ).catch((error) => {
    throw isNoChange(error) ? sameFileContent() : error;
  });
  const [file] = [...plan.filesAdded, ...plan.filesUpdated];
  return { commitId, blobId: file?.blobId ?? '', treeId };
});

function isNoChange(error: unknown): error is NoChangeException {
  return error instanceof Error && error.name === 'NoChangeException';
}

export const deleteFile = codecommit('deleteFile', atBranch, async (ctx, input, located) => {
  const branch = checkBranchName(input.branchName);
  const filePath = checkNewPath(input.filePath);
  if (!input.parentCommitId) throw parentCommitIdRequired();
  const { parentCommitId } = input;
  checkParent(parentCommitId);
  checkText(input);
  const repository = await openRepository(ctx, located);
  const keepEmptyFolders = input.keepEmptyFolders ?? false;
  const request = { puts: [], deletes: [filePath], modes: [], keepEmptyFolders };
  const text = { ...input, branch, parentCommitId };
  const { commitId, treeId, plan } = await commitTo(ctx, repository, text, request);
  return { commitId, blobId: plan.filesDeleted[0]?.blobId ?? '', treeId, filePath };
});
