import { connectionGitPath } from '../../../aws/internal/connection-git.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { type FetchedSource, TooLarge } from './source.ts';

/** The only file of an artifact that stands for a repository (CODEBUILD_CLONE_REF). */
const FILE = 'codebuild_clone_ref.json';
const REPOSITORY = /^[A-Za-z0-9._-]{1,100}$/;
/** No part of it is a step to a folder. */
const FULL_REPOSITORY_ID =
  /^(?!\.{1,2}(\/|$))[^/\s]{1,100}(\/(?!\.{1,2}(\/|$))[^/\s]{1,100}){1,20}$/;
const COMMIT_ID = /^[0-9a-f]{40}$/;
const BRANCH = /^[^\s~^:?*[\\]{1,256}$/;

/** What is to be cloned, by an address of this server. */
export interface CloneReference {
  path: string;
  version: string;
  /** A connection's: whose git it is, and where. Default: CodeCommit, where the build is. */
  service?: string;
  region?: string;
}

/**
 * Reads what a pipeline's artifact refers to; undefined for one that holds its source itself.
 * @throws PhaseFailure for a reference that is none
 */
export async function cloneReference(
  fetched: Pick<FetchedSource, 'readText'>,
): Promise<CloneReference | undefined> {
  const text = await fetched.readText(FILE).catch(takeTooLarge);
  if (text === undefined) return undefined;
  try {
    const its = JSON.parse(text) as Record<string, unknown>;
    const place = placeOf(its);
    if (place && is(its.branchName, BRANCH) && is(its.commitId, COMMIT_ID))
      return { ...place, version: `refs/heads/${its.branchName}^{${its.commitId}}` };
  } catch {
    // Told below.
  }
  throw new PhaseFailure('CLIENT_ERROR', `${FILE} of the source artifact is no clone reference`);
}

/** What is too large is no JSON of a reference either. */
function takeTooLarge(error: unknown): string {
  if (error instanceof TooLarge) return '';
  throw error;
}

/** Of CodeCommit, or of a connection. */
function placeOf({
  repositoryName,
  connectionArn,
  fullRepositoryId,
}: Record<string, unknown>): Omit<CloneReference, 'version'> | undefined {
  if (is(repositoryName, REPOSITORY)) return { path: `/v1/repos/${repositoryName}` };
  return is(connectionArn, /./) && is(fullRepositoryId, FULL_REPOSITORY_ID)
    ? connectionGitPath(connectionArn, fullRepositoryId)
    : undefined;
}

const is = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value);
