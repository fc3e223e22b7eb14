import type { ServiceContext } from '../../../kit/service.ts';
import { MAX_FILES } from '../limits.ts';
import type { Connection } from '../model/connection.ts';
import { openRemote } from './remote.ts';

interface Between {
  repository: string;
  after: string;
  /** Undefined: all files. */
  before: string | undefined;
}

export interface ChangedFiles {
  paths: string[];
  /** There are more. */
  truncated: boolean;
}

/** Answers that are kept: many pipelines of one repository ask the same of one push. */
const KEPT = 50;
const known = new Map<string, Promise<ChangedFiles>>();

/** Files that differ between two commits of a repository elsewhere. @throws as `openRemote` and git do */
export async function changedFiles(
  ctx: ServiceContext,
  connection: Connection,
  between: Between,
): Promise<ChangedFiles> {
  const key = [connection.arn, between.repository, between.before, between.after].join(' ');
  const asked = known.get(key) ?? compare(ctx, connection, between);
  known.delete(key);
  known.set(key, asked);
  for (const oldest of known.keys()) {
    if (known.size <= KEPT) break;
    known.delete(oldest);
  }
  try {
    return await asked;
  } catch (error) {
    known.delete(key);
    throw error;
  }
}

async function compare(
  ctx: ServiceContext,
  connection: Connection,
  { repository, after, before }: Between,
): Promise<ChangedFiles> {
  // Not ended with who asked first: others may wait for the same.
  const remote = await openRemote(ctx, connection, repository);
  const commitIds = before === undefined ? [after] : [before, after];
  return ctx.git.fetched(remote, { commitIds, treesOnly: true }, async (git) => {
    const [old, current] = [before && (await git.commit(before)), await git.commit(after)];
    const paths: string[] = [];
    if (!current) return { paths, truncated: false };
    for await (const one of git.differences(old ? old.tree : undefined, current.tree)) {
      if (paths.length === MAX_FILES) return { paths, truncated: true };
      const path = one.after?.path ?? one.before?.path;
      if (path !== undefined) paths.push(path);
    }
    return { paths, truncated: false };
  });
}
