import type { Difference, FileRevision, GitRepository, TreeEntry } from '../../../git/git-host.ts';
import { type Page, page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { findCommit } from '../commits.ts';
import { commitRequired, invalidMaxResults, invalidPath, pathDoesNotExist } from '../errors.ts';
import { limits } from '../limits.ts';
import { normalizePath } from '../model/names.ts';
import { blobView, commitView } from '../model/views.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import { asked } from './arguments.ts';
import { codecommit } from './declare.ts';

/** @throws InvalidPathException. @returns '' for the root */
function checkFolder(path: string | undefined): string {
  const normal = normalizePath((path ?? '').replace(/(.)\/$/, '$1'));
  if (normal === undefined) throw invalidPath();
  return normal;
}

/** One side of a comparison: the entry at a path of a commit. @throws PathDoesNotExistException */
async function sideOf(
  git: GitRepository,
  tree: string,
  path: string,
): Promise<TreeEntry & { path: string }> {
  const entry = await git.find(tree, path);
  if (!entry) throw pathDoesNotExist();
  return { ...entry, path };
}

type Side = Awaited<ReturnType<typeof sideOf>>;

const isFolder = (side: Side | undefined) => side?.mode === '040000';

/** Differences of two folders, with paths below them; of two files, or a file and nothing, with their paths. */
async function* compare(
  git: GitRepository,
  before: Side | undefined,
  after: Side,
): AsyncIterable<Difference> {
  if (isFolder(after) && (!before || isFolder(before))) {
    yield* git.differences(before?.id, after.id);
    return;
  }
  if (isFolder(after) || isFolder(before)) throw invalidPath();
  if (before?.id === after.id && before.mode === after.mode) return;
  const { name: _, ...afterSide } = after;
  if (!before) {
    yield { change: 'A', after: afterSide };
    return;
  }
  const { name: __, ...beforeSide } = before;
  yield { change: 'M', before: beforeSide, after: afterSide };
}

/** A page of what git says of commits, which never changes: so the place of an item is its key. */
async function pageOf<T>(
  ctx: ServiceContext,
  items: AsyncIterable<T>,
  size: number,
  token: string | undefined,
): Promise<Page<T>> {
  const found = await page(
    ctx,
    asked(token, size),
    (after: number | undefined, count) => take(items, (after ?? -1) + 1, count),
    ({ place }) => place,
  );
  return { ...found, items: found.items.map(({ item }) => item) };
}

async function take<T>(items: AsyncIterable<T>, start: number, count: number) {
  const found: { place: number; item: T }[] = [];
  let place = 0;
  for await (const item of items) {
    if (place >= start) found.push({ place, item });
    if (found.length === count) break;
    place++;
  }
  return found;
}

export const getDifferences = codecommit(
  'getDifferences',
  atRepository,
  async (ctx, input, located) => {
    if (!input.afterCommitSpecifier) throw commitRequired();
    const size = input.MaxResults ?? limits.differencesPage;
    if (size < 1) throw invalidMaxResults();
    const beforePath = checkFolder(input.beforePath);
    const afterPath = checkFolder(input.afterPath);
    const repository = await openRepository(ctx, located);
    const afterCommit = await findCommit(repository, input.afterCommitSpecifier);
    const beforeCommit = input.beforeCommitSpecifier
      ? await findCommit(repository, input.beforeCommitSpecifier)
      : undefined;
    const { git } = repository;
    const after = await sideOf(git, afterCommit.tree, afterPath);
    const before = beforeCommit && (await sideOf(git, beforeCommit.tree, beforePath));
    const items = compare(git, before, after);
    const found = await pageOf(
      ctx,
      items,
      Math.min(size, limits.mostDifferencesPage),
      input.NextToken,
    );
    return {
      differences: found.items.map((difference) => ({
        changeType: difference.change,
        beforeBlob: blobView(difference.before),
        afterBlob: blobView(difference.after),
      })),
      ...(found.nextToken && { NextToken: found.nextToken }),
    };
  },
);

/** Each revision with the commit of the next newer one. */
async function* withNewer(revisions: AsyncIterable<FileRevision>) {
  let newer: string | undefined;
  for await (const revision of revisions) {
    yield { ...revision, newer };
    newer = revision.commitId;
  }
}

export const listFileCommitHistory = codecommit(
  'listFileCommitHistory',
  atRepository,
  async (ctx, input, located) => {
    // The operation declares no error for paths: what no commit can hold has no history.
    const filePath = normalizePath(input.filePath ?? '');
    const size = input.maxResults ?? limits.historyPage;
    if (size < 1) throw invalidMaxResults();
    const repository = await openRepository(ctx, located);
    const { git } = repository;
    const commit = await findCommit(repository, input.commitSpecifier);
    if (!filePath) return { revisionDag: [] };
    const items = withNewer(git.fileHistory(commit.id, filePath));
    const history = await pageOf(ctx, items, Math.min(size, limits.historyPage), input.nextToken);
    const revisionDag = [];
    for (const { commitId, path, blobId, newer } of history.items) {
      const revision = await git.commit(commitId);
      if (!revision) continue;
      const revisionChildren = newer ? [newer] : [];
      revisionDag.push({ commit: commitView(revision), blobId, path, revisionChildren });
    }
    return { revisionDag, ...(history.nextToken && { nextToken: history.nextToken }) };
  },
);
