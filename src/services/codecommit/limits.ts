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
  folderContent: 6 * 1024 * 1024,
  /** AWS does not publish it: as many as files of a commit. */
  conflictResolutions: 100,
  /** Merges: AWS has limits of these names, but publishes no numbers. */
  merge: {
    /** Files that one side has changed since the merge base. */
    items: 100_000,
    /** Of their paths. */
    pathBytes: 64 * 1024 * 1024,
    /** Files that both sides have changed, and all their versions. */
    files: 10_000,
    bytes: 256 * 1024 * 1024,
    /** One version of a file of which lines are compared. */
    file: 64 * 1024 * 1024,
    lines: 1_000_000,
  },
  conflictFilesPage: 100,
  mostConflictFilesPage: 1000,
  mergeHunksPage: 100,
  mostMergeHunksPage: 1000,
  /** Contents of hunks in one answer. */
  hunkBytes: 6 * 1024 * 1024,
  /** Commits whose messages a squash without one of its own begins with. */
  squashedMessages: 1000,
  commitMessage: 256 * 1024,
  /** Of all commits in one answer, as git has them: a push may bring messages of any length. */
  commitsOfAnswer: 20 * 1024 * 1024,
  authorName: 1024,
  email: 256,
  referencesPerPush: 4000,
  batchCommits: 100,
  batchRepositories: 100,
  repositoriesPage: 1000,
  branchesPage: 1000,
  differencesPage: 100,
  mostDifferencesPage: 1000,
  /** Around a change, of GetBlobDifferences. */
  contextLines: 20,
  /** Each is an object of the answer. */
  comparedLines: 200_000,
  historyPage: 100,
  triggers: 10,
  triggerBranches: 10,
  triggerCustomData: 1000,
  tags: 50,
  tagKey: 128,
  tagValue: 256,
  /** CC-LIM-05, CC-LIM-06. Texts in characters; the model has 150 for titles, the exception's text says 100. */
  pullRequestTitle: 150,
  pullRequestDescription: 10_240,
  openPullRequests: 1000,
  pullRequestsPage: 100,
  pullRequestEventsPage: 100,
  clientRequestToken: 1000,
  comment: 10_240,
  commentsPage: 100,
  mostCommentsPage: 500,
  reactionsPage: 1000,
  approvals: 200,
  approvalRules: 30,
  approvalPool: 50,
  approvalRuleName: 100,
  approvalRuleContent: 3000,
  approvalRuleStatements: 10,
  templateDescription: 1000,
  templates: 1000,
  templatesPerRepository: 25,
  templatesPage: 100,
  destinationReferences: 100,
  /** Lines are counted in files up to this size; a comment may stand at any line of a larger one. */
  fileOfCountedLines: 6 * 1024 * 1024,
  /** A page of a comparison or of a file's history is found in this time, or refused. */
  comparisonMs: 30_000,
  /** Of Git LFS: bytes of an object and of a request, objects of a batch, locks of a page and of a repository, of a path that is locked (PostgreSQL has it in an index). */
  lfs: {
    object: 16 * 1024 ** 3,
    request: 1024 ** 2,
    batch: 1000,
    locksPage: 100,
    locks: 10_000,
    path: 2048,
  },
  /** An archive for CodePipeline: of files, folders and their paths in all (CP-A23 has 1 GB of files). */
  archive: { entries: 250_000, bytes: 1024 ** 3, pathBytes: 64 * 1024 ** 2 },
  /** An archive that S3 has not taken by then has failed. */
  uploadMs: 60 * 60_000,
} as const;
