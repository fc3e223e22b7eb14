import {
  CodeCommitClient,
  type Commit,
  GetBranchCommand,
  GetCommitCommand,
  GetFolderCommand,
  paginateGetDifferences,
} from '@aws-sdk/client-codecommit';
import {
  CancelUploadArchiveCommand,
  GetUploadArchiveStatusCommand,
  UploadArchiveCommand,
} from '../../../aws/internal/codecommit-archive.ts';
import { limits } from '../limits.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ArtifactLocation } from '../model/state.ts';
import {
  ActionEndedError,
  defineActionType,
  executionLink,
  type Job,
  onlyOutput,
  requiredSetting,
  setting,
} from './action-type.ts';
import { writeArtifact } from './artifact-files.ts';
import { ActionFailure, describe, explain, isDenied } from './failure.ts';
import { branch } from './watches.ts';

/** The commit at the head of a branch, or the one that the execution is about, as a ZIP (CP-B2). */
export const codeCommitSource = defineActionType({
  categories: ['Source'],
  provider: 'CodeCommit',
  inputs: [0, 0],
  outputs: [1, 1],
  timeoutMinutes: 60,
  configuration: [
    { name: 'RepositoryName', required: true, key: true, description: 'The repository to watch.' },
    { name: 'BranchName', required: true, key: true, description: 'The branch to watch.' },
    {
      name: 'PollForSourceChanges',
      description: 'Start when the branch moves (default true).',
      type: 'Boolean',
      default: 'true',
    },
    {
      name: 'OutputArtifactFormat',
      description: 'CODE_ZIP (default) or CODEBUILD_CLONE_REF.',
      default: 'CODE_ZIP',
      values: ['CODE_ZIP', 'CODEBUILD_CLONE_REF'],
    },
  ],
  outputVariables: [
    'AuthorDate',
    'BranchName',
    'CommitId',
    'CommitMessage',
    'CommitterDate',
    'RepositoryName',
    // Of a trigger, which AWS has for connections alone.
    'TagName',
  ],
  revisions: { COMMIT_ID: {} },
  links: {
    entity: {
      console: 'codecommit',
      fragment: '/repository/{Config:RepositoryName}/browse/{Config:BranchName}/--/',
    },
    execution: {
      console: 'codecommit',
      fragment: '/repository/{Config:RepositoryName}/commit/{ExternalExecutionId}',
    },
  },
  watches: branch,

  /** An addition: AWS has triggers for connections alone. */
  async changedFiles(client, { detail }) {
    const { repositoryName, commitId, oldCommitId } = detail as Record<string, string>;
    const pages = paginateGetDifferences(
      { client: client(CodeCommitClient) },
      {
        repositoryName,
        afterCommitSpecifier: commitId,
        ...(oldCommitId && { beforeCommitSpecifier: oldCommitId }),
      },
    );
    const paths: string[] = [];
    for await (const { differences = [] } of pages) {
      for (const { afterBlob, beforeBlob } of differences)
        paths.push(afterBlob?.path ?? beforeBlob?.path ?? '');
      if (paths.length > limits.changedFiles) return undefined;
    }
    return paths;
  },

  async start(job, signal) {
    const repository = requiredSetting(job, 'RepositoryName');
    const branch = requiredSetting(job, 'BranchName');
    const client = job.client(CodeCommitClient);
    const commitId = await explain(
      headOf(job, client, repository, branch),
      failure(repository, branch),
    );
    const { variables } = overrideOf(job) ?? {};
    const { commit } = await explain(
      client.send(new GetCommitCommand({ repositoryName: repository, commitId })),
      failure(repository, branch),
    );
    if (setting(job, 'OutputArtifactFormat') === 'CODEBUILD_CLONE_REF')
      await writeArtifact(job, onlyOutput(job), cloneReference(repository, branch, commitId));
    else await uploadArchive(job, client, { repository, branch, commitId }, signal);
    const revisionUrl = executionLink(job, commitId);
    const source = { repository, branch, commitId, revisionUrl, variables };
    return succeeded(source, commit ?? {});
  },
});

const overrideOf = (job: Job) =>
  job.run.input.sourceOverrides.find((o) => o.revisionType === 'COMMIT_ID');
/** A build that finds this in place of a source clones the repository, under its own role (CP-B31). */
const cloneReference = (repositoryName: string, branchName: string, commitId: string) => ({
  'codebuild_clone_ref.json': JSON.stringify({ repositoryName, branchName, commitId }),
});

async function headOf(
  job: Job,
  client: CodeCommitClient,
  repositoryName: string,
  branchName: string,
): Promise<string> {
  const override = overrideOf(job);
  // The event of a tag names the tag, which may be an object of its own beside the commit.
  const tag = override?.variables?.TagName;
  if (tag !== undefined) {
    const commitSpecifier = `refs/tags/${tag}`;
    const at = new GetFolderCommand({ repositoryName, commitSpecifier, folderPath: '/' });
    return (await client.send(at)).commitId ?? '';
  }
  if (override) return override.revisionValue;
  const { branch } = await client.send(new GetBranchCommand({ repositoryName, branchName }));
  return branch?.commitId ?? '';
}

async function uploadArchive(
  job: Job,
  client: CodeCommitClient,
  source: { repository: string; branch: string; commitId: string },
  signal: AbortSignal,
): Promise<void> {
  const { repository } = source;
  const artifact = onlyOutput(job);
  const request = new UploadArchiveCommand({
    repositoryName: repository,
    commitId: source.commitId,
    s3Bucket: artifact.bucket,
    s3Key: artifact.key,
    kmsKeyId: job.store.encryptionKey?.id ?? 'alias/aws/s3',
  });
  const { uploadId } = await explain(client.send(request), failure(repository, source.branch));
  try {
    await uploaded(client, { repository, branch: source.branch, uploadId }, artifact, signal);
  } catch (error) {
    if (signal.reason instanceof ActionEndedError) {
      const cancel = new CancelUploadArchiveCommand({ repositoryName: repository, uploadId });
      // A role that may not leaves it to its own end, which its bounds bring.
      await client.send(cancel).catch(() => undefined);
    }
    throw error;
  }
}

/** Waits for the end of an upload. @throws ActionFailure where it has failed */
async function uploaded(
  client: CodeCommitClient,
  {
    repository,
    branch,
    uploadId,
  }: { repository: string; branch: string; uploadId?: string | undefined },
  { bucket }: ArtifactLocation,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    // The answer comes when the upload has ended, so asking again is no polling.
    const ask = new GetUploadArchiveStatusCommand({ repositoryName: repository, uploadId });
    const asked = client.send(ask, { abortSignal: signal });
    const upload = await explain(asked, failure(repository, branch));
    if (upload.status === 'Succeeded') return;
    signal.throwIfAborted();
    if (upload.status === 'InProgress') continue;
    const code = upload.errorCode ?? 'Unknown';
    throw new ActionFailure(
      /AccessDenied/.test(code) ? 'PermissionError' : 'ConfigurationError',
      `Could not upload the source of the CodeCommit repository \`${repository}\` to the artifact bucket "${bucket}": ${upload.errorMessage ?? ''} (Error Code: ${code})`,
    );
  }
}

function succeeded(
  source: {
    repository: string;
    branch: string;
    commitId: string;
    revisionUrl?: string | undefined;
    variables?: Record<string, string> | undefined;
  },
  commit: Commit,
): Outcome {
  const { repository, branch, commitId, revisionUrl } = source;
  const message = commit.message ?? '';
  // git ends a message with a newline, which no list wants to show.
  const summary = message.trimEnd();
  const committed = parseDate(commit.committer?.date);
  return {
    state: 'succeeded',
    progress: { externalExecutionId: commitId, summary },
    outputVariables: {
      AuthorDate: isoDate(parseDate(commit.author?.date)),
      BranchName: branch,
      CommitId: commitId,
      CommitMessage: message,
      CommitterDate: isoDate(committed),
      RepositoryName: repository,
      ...source.variables,
    },
    revision: {
      revisionId: commitId,
      revisionChangeIdentifier: commitId,
      revisionSummary: summary,
      ...(revisionUrl !== undefined && { revisionUrl }),
      ...(committed !== undefined && { created: committed }),
    },
  };
}

/** CodeCommit writes dates as git does: `1572319941 -0700`. */
function parseDate(text: string | undefined): number | undefined {
  const seconds = /^(\d+) [+-]\d{4}$/.exec(text ?? '')?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function isoDate(time: number | undefined): string {
  return time === undefined ? '' : new Date(time).toISOString().replace('.000Z', 'Z');
}

function failure(repository: string, branch: string) {
  return (error: Error) => {
    if (isDenied(error)) {
      return {
        code: 'PermissionError' as const,
        message: `Could not access the CodeCommit repository \`${repository}\`. Make sure that the pipeline IAM role has sufficient permissions to access the repository. Error: ${describe(error, 'AWSCodeCommit')}`,
      };
    }
    if (error.name === 'BranchDoesNotExistException') {
      return {
        code: 'ConfigurationError' as const,
        message: `The action failed because no branch named ${branch} was found in the selected AWS CodeCommit repository ${repository}. Make sure you are using the correct branch name, and then try again. Error: ${describe(error, 'AWSCodeCommit')}`,
      };
    }
    return {
      code: 'ConfigurationError' as const,
      message: `The action failed because the AWS CodeCommit repository ${repository} could not be read. Error: ${describe(error, 'AWSCodeCommit')}`,
    };
  };
}
