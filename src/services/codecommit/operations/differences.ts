import type {
  Difference,
  FileRevision,
  GitRepository,
  TreeEntry,
  Walk,
} from '../../../git/git-host.ts';
import { isTreePath } from '../../../git/names.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { commitRequired, invalidHistoryPath, invalidPath, pathDoesNotExist } from '../errors.ts';
import { findCommit } from '../history/commits.ts';
import { limits } from '../limits.ts';
import { normalizePath } from '../model/names.ts';
import { blobView, commitView } from '../model/views.ts';
import { atRepository, openRepository } from '../resources/repository.ts';
import { asked, checkMaxResults } from './arguments.ts';
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
    // A path without its commit would be left out unseen.
    if (input.beforePath !== undefined && !input.beforeCommitSpecifier) throw commitRequired();
    const size = checkMaxResults(input.MaxResults, limits.mostDifferencesPage, {
      usual: limits.differencesPage,
    });
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
      asked(input, size, repository.record.repositoryId),
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
    // The operation declares no error for paths.
    const filePath = normalizePath(input.filePath ?? '');
    if (!filePath || !isTreePath(filePath)) throw invalidHistoryPath();
    const size = checkMaxResults(input.maxResults, limits.historyPage);
    const repository = await openRepository(ctx, located);
    const { git, record } = repository;
    // Waiting for its turn is none of the walk's own time, which git has a bound for.
    const { signal } = ctx;
    const wanted = asked(input, size, record.repositoryId);
    const place = ({
      start,
      place,
    }: {
      start: string;
      place: number;
    }): readonly [string, number] => [start, place];
    const history = await page(
      ctx,
      wanted,
      // All pages are of the commit that the first one was of, wherever its branch is by then.
      async (after: readonly [string, number] | undefined, count) => {
        const start = after?.[0] ?? (await findCommit(repository, input.commitSpecifier)).id;
        const revisions = withNewer(git.fileHistory(start, filePath, signal));
        const found = await take(from(revisions, (after?.[1] ?? -1) + 1), count);
        return found.map((revision) => ({ ...revision, start }));
      },
      place,
    );
    const revisionDag = [];
    let room: number = limits.commitsOfAnswer;
    let limit = 0;
    for (const { commitId, path, blobId, newer } of history.items) {
      room -= (await git.info(commitId))?.size ?? 0;
      // Where the commits come to as much as one answer holds, the page ends early.
      if (room < 0 && limit > 0) break;
      limit += 1;
      const revision = await git.commit(commitId);
      if (!revision) continue;
      const revisionChildren = newer ? [newer] : [];
      revisionDag.push({ commit: commitView(revision), blobId, path, revisionChildren });
    }
    const isWhole = limit === history.items.length;
    const { nextToken } = isWhole
      ? history
      : await page(ctx, { ...wanted, limit }, async () => history.items, place);
    return { revisionDag, ...(nextToken && { nextToken }) };
  },
);
