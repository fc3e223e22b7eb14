import {
  CodeCommitClient,
  type Commit,
  GetBlobCommand,
  GetCommitCommand,
  GetFileCommand,
  GetFolderCommand,
} from '@aws-sdk/client-codecommit';
import { keepPreviousData, type UseQueryResult, useQuery } from '@tanstack/react-query';
import { regionNow } from '../../api/endpoint.ts';
import { queries } from '../../api/queries.ts';
import { askAws } from '../../api/use-aws.ts';
import { usePlace } from '../../app/router.ts';

/**
 * What takes several calls, as one answer, kept and asked again as those of single calls are.
 * @param name of it, in the cache
 * @param input what it depends on; `repositoryName` lets events of that repository have it asked again
 */
export function useSteps<T>(
  name: string,
  input: object,
  ask: () => Promise<T>,
  options: { enabled?: boolean; keep?: boolean } = {},
): UseQueryResult<T> {
  usePlace();
  return useQuery<T>({
    queryKey: ['aws', 'codecommit', regionNow(), name, input],
    queryFn: ask,
    enabled: options.enabled !== false,
    ...(options.keep && { placeholderData: keepPreviousData }),
  });
}

/** Of what a git id names nothing ever changes. */
const forever = { staleTime: Number.POSITIVE_INFINITY, gcTime: 10 * 60_000 };

/** @throws the SDK's error */
export const commitOf = (repositoryName: string, commitId: string): Promise<Commit> =>
  queries.ensureQueryData({
    queryKey: ['git', regionNow(), repositoryName, 'commit', commitId],
    queryFn: async () => {
      const { commit } = await askAws(
        CodeCommitClient,
        new GetCommitCommand({ repositoryName, commitId }),
      );
      return commit ?? {};
    },
    ...forever,
  });

/** No bytes where there is no blob. @throws the SDK's error */
export const blobOf = (repositoryName: string, blobId: string | undefined): Promise<Uint8Array> =>
  blobId === undefined
    ? Promise.resolve(new Uint8Array())
    : queries.ensureQueryData({
        queryKey: ['git', regionNow(), repositoryName, 'blob', blobId],
        queryFn: async () => {
          const { content } = await askAws(
            CodeCommitClient,
            new GetBlobCommand({ repositoryName, blobId }),
          );
          return content ?? new Uint8Array();
        },
        ...forever,
      });

/** A file's bytes; undefined where there is none of that name. @throws the SDK's error */
export async function fileAt(
  repositoryName: string,
  commitSpecifier: string,
  filePath: string,
): Promise<Uint8Array | undefined> {
  try {
    const input = { repositoryName, commitSpecifier, filePath };
    const { fileContent } = await askAws(CodeCommitClient, new GetFileCommand(input));
    return fileContent ?? new Uint8Array();
  } catch (error) {
    if (error instanceof Error && error.name === 'FileDoesNotExistException') return undefined;
    throw error;
  }
}

/** A newest-first walk through the parents, as `git log` does it. */
export async function historyOf(
  repositoryName: string,
  tips: readonly string[],
  most: number,
  until: ReadonlySet<string> = new Set(),
): Promise<{ commits: Commit[]; more: boolean }> {
  const seen = new Set<string>(until);
  const waiting: Commit[] = [];
  const commits: Commit[] = [];
  const add = async (ids: readonly string[]) => {
    const fresh = ids.filter((id) => !seen.has(id));
    for (const id of fresh) seen.add(id);
    const found = await Promise.all(fresh.map((id) => commitOf(repositoryName, id)));
    for (const commit of found) waiting.push(commit);
  };
  await add(tips);
  while (waiting.length > 0 && commits.length < most) {
    waiting.sort((a, b) => timeOf(b) - timeOf(a));
    const next = waiting.shift();
    if (next === undefined) break;
    commits.push(next);
    await add(next.parents ?? []);
  }
  return { commits, more: waiting.length > 0 };
}

const timeOf = ({ committer }: Commit) => Number.parseInt(committer?.date ?? '0', 10);

const COMMIT_ID = /^[0-9a-f]{40}$/;

/**
 * The commit that a branch, tag or commit id stands for: a folder's answer says it of all three.
 * @throws the SDK's error
 */
export async function tipOf(repositoryName: string, reference: string): Promise<string> {
  if (COMMIT_ID.test(reference)) return reference;
  const { commitId } = await askAws(
    CodeCommitClient,
    new GetFolderCommand({ repositoryName, commitSpecifier: reference, folderPath: '/' }),
  );
  return commitId ?? '';
}
