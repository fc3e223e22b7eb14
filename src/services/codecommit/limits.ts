import type { QuotaCatalogue } from '../../kit/quotas.ts';

/** CC-LIM-01 */
export const REPOSITORIES = { code: 'L-81790602', name: 'Allowed repositories', value: 5000 };
export const quotas: QuotaCatalogue = { serviceName: 'AWS CodeCommit', quotas: [REPOSITORIES] };

/** Quotas, from the service's quota page and the texts of its exceptions (CC-LIM-01 to CC-LIM-08). Sizes in bytes. */
export const limits = {
  repositoryName: 100,
  repositoryDescription: 1000,
  branchName: 256,
  filePath: 4096,
  folderDepth: 20,
  file: 6 * 1024 * 1024,
  changeOfAllFiles: 7 * 1024 * 1024,
  filesPerCommit: 100,
  commitMessage: 256 * 1024,
  authorName: 1024,
  email: 256,
  referencesPerPush: 4000,
  batchCommits: 100,
  batchRepositories: 100,
  repositoriesPage: 1000,
  branchesPage: 1000,
  differencesPage: 100,
  mostDifferencesPage: 1000,
  historyPage: 100,
  tags: 50,
  tagKey: 128,
  tagValue: 256,
  /** A page of a comparison or of a file's history is found in this time, or refused. */
  comparisonMs: 30_000,
  /** An archive for CodePipeline: of files, folders and their paths in all (CP-A23 has 1 GB of files). */
  archive: { entries: 250_000, bytes: 1024 ** 3, pathBytes: 64 * 1024 ** 2 },
  /** An archive that S3 has not taken by then has failed. */
  uploadMs: 60 * 60_000,
} as const;
