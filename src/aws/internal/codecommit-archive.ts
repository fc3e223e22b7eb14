import type {
  CodeCommitClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-codecommit';
import { makeBuilder } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import type {
  EndpointParameterInstructions,
  MetadataBearer,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types';

/**
 * How CodePipeline gets a commit as a ZIP into its artifact bucket. AWS has the permissions
 * codecommit:UploadArchive, codecommit:GetUploadArchiveStatus and codecommit:CancelUploadArchive but publishes no
 * API for them, so these three operations are written by hand. An ordinary CodeCommitClient sends them:
 * `await client.send(new UploadArchiveCommand({ … }))`.
 */
export interface UploadArchiveInput {
  repositoryName: string | undefined;
  /** Full object id of the commit. */
  commitId: string | undefined;
  s3Bucket: string | undefined;
  s3Key: string | undefined;
  /** Key that the object is encrypted with (SSE-KMS); default: as the bucket says. */
  kmsKeyId?: string;
}

export interface UploadArchiveOutput {
  /** The same for the same repository, commit, bucket and key: asking again starts nothing twice. */
  uploadId?: string;
}

export interface GetUploadArchiveStatusInput {
  repositoryName: string | undefined;
  uploadId: string | undefined;
}

export interface CancelUploadArchiveInput {
  repositoryName: string | undefined;
  uploadId: string | undefined;
}

export interface CancelUploadArchiveOutput {
  uploadId?: string;
}

export type UploadArchiveStatus = 'InProgress' | 'Succeeded' | 'Failed';

/** Answers as soon as the upload has ended, or after 20 seconds with `InProgress`: then ask again at once. */
export interface GetUploadArchiveStatusOutput {
  uploadId?: string;
  status?: UploadArchiveStatus;
  /**
   * When Failed: the code and message that S3 or KMS answered, such as `AccessDenied`; or `ArchiveTooLarge`,
   * `ArchiveFailed`, `UploadTimedOut`, `Cancelled`.
   */
  errorCode?: string;
  errorMessage?: string;
  /** When Succeeded: version of the object in a versioned bucket. */
  s3VersionId?: string;
  s3ETag?: string;
}

export interface UploadArchiveCommandInput extends UploadArchiveInput {}
export interface UploadArchiveCommandOutput extends UploadArchiveOutput, MetadataBearer {}
export interface GetUploadArchiveStatusCommandInput extends GetUploadArchiveStatusInput {}
export interface GetUploadArchiveStatusCommandOutput
  extends GetUploadArchiveStatusOutput,
    MetadataBearer {}
export interface CancelUploadArchiveCommandInput extends CancelUploadArchiveInput {}
export interface CancelUploadArchiveCommandOutput
  extends CancelUploadArchiveOutput,
    MetadataBearer {}

const NAMESPACE = 'com.amazonaws.codecommit';
const TARGET_PREFIX = 'CodeCommit_20150413';

/** A structure of strings, the first `required` of them required. */
function structure(name: string, members: string[], required: number): StaticStructureSchema {
  return [3, NAMESPACE, name, 0, members, members.map(() => 0 as const), required];
}

const UploadArchiveInput$ = structure(
  'UploadArchiveInput',
  ['repositoryName', 'commitId', 's3Bucket', 's3Key', 'kmsKeyId'],
  4,
);
const UploadArchiveOutput$ = structure('UploadArchiveOutput', ['uploadId'], 0);
const GetUploadArchiveStatusInput$ = structure(
  'GetUploadArchiveStatusInput',
  ['repositoryName', 'uploadId'],
  2,
);
const GetUploadArchiveStatusOutput$ = structure(
  'GetUploadArchiveStatusOutput',
  ['uploadId', 'status', 'errorCode', 'errorMessage', 's3VersionId', 's3ETag'],
  0,
);

const UploadArchive$: StaticOperationSchema = [
  9,
  NAMESPACE,
  'UploadArchive',
  0,
  () => UploadArchiveInput$,
  () => UploadArchiveOutput$,
];
const GetUploadArchiveStatus$: StaticOperationSchema = [
  9,
  NAMESPACE,
  'GetUploadArchiveStatus',
  0,
  () => GetUploadArchiveStatusInput$,
  () => GetUploadArchiveStatusOutput$,
];
const CancelUploadArchiveInput$ = structure(
  'CancelUploadArchiveInput',
  ['repositoryName', 'uploadId'],
  2,
);
const CancelUploadArchiveOutput$ = structure('CancelUploadArchiveOutput', ['uploadId'], 0);
const CancelUploadArchive$: StaticOperationSchema = [
  9,
  NAMESPACE,
  'CancelUploadArchive',
  0,
  () => CancelUploadArchiveInput$,
  () => CancelUploadArchiveOutput$,
];

const endpointParameters: EndpointParameterInstructions = {
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  Region: { type: 'builtInParams', name: 'region' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
};

const command = makeBuilder<CodeCommitClientResolvedConfig, ServiceInputTypes, ServiceOutputTypes>(
  endpointParameters,
  TARGET_PREFIX,
  'CodeCommitClient',
  getEndpointPlugin,
);

export class UploadArchiveCommand extends command<
  UploadArchiveCommandInput,
  UploadArchiveCommandOutput
>({}, () => [], 'UploadArchive', UploadArchive$) {}

export class GetUploadArchiveStatusCommand extends command<
  GetUploadArchiveStatusCommandInput,
  GetUploadArchiveStatusCommandOutput
>({}, () => [], 'GetUploadArchiveStatus', GetUploadArchiveStatus$) {}

export class CancelUploadArchiveCommand extends command<
  CancelUploadArchiveCommandInput,
  CancelUploadArchiveCommandOutput
>({}, () => [], 'CancelUploadArchive', CancelUploadArchive$) {}

/** Their schemas, for the server's side: CodeCommit adds them to the operations of its client package. */
export const archiveOperations: Record<string, StaticOperationSchema> = {
  UploadArchive: UploadArchive$,
  GetUploadArchiveStatus: GetUploadArchiveStatus$,
  CancelUploadArchive: CancelUploadArchive$,
};
