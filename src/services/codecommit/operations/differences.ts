import type {
  Difference,
  FileRevision,
  GitRepository,
  TreeEntry,
  Walk,
} from '../../../git/git-host.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { commitRequired, invalidMaxResults, invalidPath, pathDoesNotExist } from '../errors.ts';
import { findCommit } from '../history/commits.ts';
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
  walk: Walk,
): AsyncIterable<Difference> {
  if (isFolder(after) && (!before || isFolder(before))) {
    yield* git.differences(before?.id, after.id, walk);
    return;
  }
  if (isFolder(after) || isFolder(before)) throw invalidPath();
  if (walk.behind !== undefined || (before?.id === after.id && before.mode === after.mode)) return;
  const { name: _, ...afterSide } = after;
  const place = after.path;
  if (!before) {
    yield { change: 'A', after: afterSide, place };
    return;
  }
  const { name: __, ...beforeSide } = before;
  yield { change: 'M', before: beforeSide, after: afterSide, place };
}

/** Until the caller is gone, or has waited long enough. */
const inTime = (ctx: ServiceContext) =>
  AbortSignal.any([ctx.signal, AbortSignal.timeout(limits.comparisonMs)]);

/** The first ones: what comes behind them is not read. */
async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) === count) break;
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
    const signal = inTime(ctx);
    const found = await page(
      ctx,
      asked(input.NextToken, Math.min(size, limits.mostDifferencesPage)),
      (behind: string | undefined, count) =>
        take(compare(git, before, after, { behind, signal }), count),
      ({ place }) => place,
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

/** Each revision with the commit of the next newer one; what git says of commits never changes, so its place is its key. */
async function* withNewer(revisions: AsyncIterable<FileRevision>) {
  let newer: string | undefined;
  let place = 0;
  for await (const revision of revisions) {
    yield { ...revision, newer, place };
    newer = revision.commitId;
    place++;
  }
}

async function* from<T extends { place: number }>(items: AsyncIterable<T>, start: number) {
  for await (const item of items) if (item.place >= start) yield item;
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
    // Waiting for its turn is none of the walk's own time, which git has a bound for.
    const { signal } = ctx;
    const history = await page(
      ctx,
      asked(input.nextToken, Math.min(size, limits.historyPage)),
      (after: number | undefined, count) => {
        const revisions = withNewer(git.fileHistory(commit.id, filePath, signal));
        return take(from(revisions, (after ?? -1) + 1), count);
      },
      ({ place }) => place,
    );
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
