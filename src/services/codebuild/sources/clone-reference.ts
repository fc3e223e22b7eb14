import { PhaseFailure } from '../model/build-state.ts';
import type { FetchedSource } from './source.ts';

/** The only file of an artifact that stands for a repository (CODEBUILD_CLONE_REF). */
const FILE = 'codebuild_clone_ref.json';
const REPOSITORY = /^[A-Za-z0-9._-]{1,100}$/;
const COMMIT_ID = /^[0-9a-f]{40}$/;
const BRANCH = /^[^\s~^:?*[\\]{1,256}$/;

/** What is to be cloned. */
export interface CloneReference {
  repository: string;
  version: string;
}

/**
 * Reads what a pipeline's artifact refers to; undefined for one that holds its source itself.
 * @throws PhaseFailure for a reference that is none
 */
export async function cloneReference(
  fetched: Pick<FetchedSource, 'readText'>,
): Promise<CloneReference | undefined> {
  const text = await fetched.readText(FILE);
  if (text === undefined) return undefined;
  try {
    const { repositoryName, branchName, commitId } = JSON.parse(text) as Record<string, unknown>;
    if (is(repositoryName, REPOSITORY) && is(branchName, BRANCH) && is(commitId, COMMIT_ID))
      return { repository: repositoryName, version: `refs/heads/${branchName}^{${commitId}}` };
  } catch {
    // Told below.
  }
  throw new PhaseFailure('CLIENT_ERROR', `${FILE} of the source artifact is no clone reference`);
}

const is = (value: unknown, pattern: RegExp): value is string =>
  typeof value === 'string' && pattern.test(value);
