import type {
  CodeStarConnectionsClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes,
} from '@aws-sdk/client-codestar-connections';
import { makeBuilder } from '@smithy/core/client';
import { getEndpointPlugin } from '@smithy/core/endpoints';
import type {
  EndpointParameterInstructions,
  MetadataBearer,
  StaticOperationSchema,
  StaticStructureSchema,
} from '@smithy/types';

import { ownValue } from '../../lib/own.ts';

/*
 * What AWS's console and services ask of connections. AWS has the permissions (UpdateConnectionInstallation,
 * ListInstallationTargets, PassConnection, UseConnection with its ProviderAction) and publishes no API for them, so these
 * operations are written by hand: docs/decisions/connections.md. A CodeStarConnectionsClient sends them.
 * https://docs.aws.amazon.com/dtconsole/latest/userguide/security_iam_id-based-policy-examples-connections.html
 */

/** Completes a connection, or maps one repository of it; with neither Url nor Remove it only answers. */
export interface UpdateConnectionInstallationInput {
  ConnectionArn: string | undefined;
  /** Absent: all repositories of the connection that are not mapped. */
  FullRepositoryId?: string | undefined;
  /** Of the provider, below which repositories are, or of the one repository. */
  Url?: string | undefined;
  UserName?: string | undefined;
  Password?: string | undefined;
  /** Forgets the mapping of the repository. */
  Remove?: boolean | undefined;
}

/** What the provider is told of, so that it tells of changes. */
export interface UpdateConnectionInstallationOutput {
  WebhookUrl?: string;
  WebhookSecret?: string;
}

export interface InstallationTarget {
  FullRepositoryId?: string;
  Url?: string;
  UserName?: string;
}

export interface ListInstallationTargetsInput {
  ConnectionArn: string | undefined;
}
export interface ListInstallationTargetsOutput {
  Targets?: InstallationTarget[];
}

/** Asked where somebody gives a service a connection to use, and tells which repository it will listen to. */
export interface PassConnectionInput {
  ConnectionArn: string | undefined;
  FullRepositoryId: string | undefined;
  /** `codepipeline.amazonaws.com` */
  PassedToService: string | undefined;
}
// biome-ignore lint/complexity/noBannedTypes: the operation answers with nothing
export type PassConnectionOutput = {};

export interface StartUploadArchiveToS3Input {
  ConnectionArn: string | undefined;
  FullRepositoryId: string | undefined;
  BranchName: string | undefined;
  S3Bucket: string | undefined;
  S3Key: string | undefined;
  /** Default: the head of the branch. */
  CommitId?: string | undefined;
  /** Key that the object is encrypted with (SSE-KMS); default: as the bucket says. */
  KmsKeyId?: string | undefined;
  /** CODEBUILD_CLONE_REF: what a build clones the commit by, in place of its files. */
  OutputArtifactFormat?: string | undefined;
}
export interface StartUploadArchiveToS3Output {
  /** The same for the same bucket and key: asking again starts nothing twice. */
  UploadId?: string;
}

export interface GetUploadArchiveToS3StatusInput {
  ConnectionArn: string | undefined;
  FullRepositoryId: string | undefined;
  UploadId: string | undefined;
}
/** Answers as soon as the upload has ended, or after 20 seconds with `InProgress`: then ask again at once. */
export interface GetUploadArchiveToS3StatusOutput {
  Status?: 'InProgress' | 'Succeeded' | 'Failed';
  ErrorCode?: string;
  ErrorMessage?: string;
  CommitId?: string;
  CommitMessage?: string;
  /** ISO 8601. */
  AuthorDate?: string;
  CommitterDate?: string;
  ProviderType?: string;
}

export interface ListCommitFilesInput {
  ConnectionArn: string | undefined;
  FullRepositoryId: string | undefined;
  CommitId: string | undefined;
  /** Files that differ from this commit; absent: all files. */
  BaseCommitId?: string | undefined;
}
export interface ListCommitFilesOutput {
  FilePaths?: string[];
  /** There are more than are listed. */
  Truncated?: boolean;
}

const NAMESPACE = 'com.amazonaws.codestarconnections';
const TARGET_PREFIX = 'com.amazonaws.codestar.connections.CodeStar_connections_20191201';
const TEXT = 0;
const FLAG = 2;
const TEXTS = 64;
const SECRET = [0, NAMESPACE, 'Secret', 8, 0] as const;

/** A structure, the first `required` of its members required. */
function structure(
  name: string,
  members: Record<string, unknown>,
  required = 0,
): StaticStructureSchema {
  const schemas = Object.values(members) as StaticStructureSchema[5];
  return [3, NAMESPACE, name, 0, Object.keys(members), schemas, required];
}

function operation(
  name: string,
  input: Record<string, unknown>,
  required: number,
  output: Record<string, unknown>,
): StaticOperationSchema {
  const [sent, answered] = [
    structure(`${name}Input`, input, required),
    structure(`${name}Output`, output),
  ];
  return [9, NAMESPACE, name, 0, () => sent, () => answered];
}

const target = structure('InstallationTarget', {
  FullRepositoryId: TEXT,
  Url: TEXT,
  UserName: TEXT,
});
const targets = [1, NAMESPACE, 'InstallationTargets', 0, () => target];

/** Their schemas, for the server's side. */
export const connectionOperations: Record<string, StaticOperationSchema> = {
  UpdateConnectionInstallation: operation(
    'UpdateConnectionInstallation',
    {
      ...{ ConnectionArn: TEXT, FullRepositoryId: TEXT, Url: TEXT, UserName: TEXT },
      ...{ Password: SECRET, Remove: FLAG },
    },
    1,
    { WebhookUrl: TEXT, WebhookSecret: SECRET },
  ),
  ListInstallationTargets: operation('ListInstallationTargets', { ConnectionArn: TEXT }, 1, {
    Targets: () => targets,
  }),
  PassConnection: operation(
    'PassConnection',
    { ConnectionArn: TEXT, FullRepositoryId: TEXT, PassedToService: TEXT },
    3,
    {},
  ),
  StartUploadArchiveToS3: operation(
    'StartUploadArchiveToS3',
    {
      ...{ ConnectionArn: TEXT, FullRepositoryId: TEXT, BranchName: TEXT },
      ...{ S3Bucket: TEXT, S3Key: TEXT, CommitId: TEXT, KmsKeyId: TEXT },
      OutputArtifactFormat: TEXT,
    },
    5,
    { UploadId: TEXT },
  ),
  GetUploadArchiveToS3Status: operation(
    'GetUploadArchiveToS3Status',
    { ConnectionArn: TEXT, FullRepositoryId: TEXT, UploadId: TEXT },
    3,
    {
      ...{ Status: TEXT, ErrorCode: TEXT, ErrorMessage: TEXT },
      ...{
        CommitId: TEXT,
        CommitMessage: TEXT,
        AuthorDate: TEXT,
        CommitterDate: TEXT,
        ProviderType: TEXT,
      },
    },
  ),
  ListCommitFiles: operation(
    'ListCommitFiles',
    { ConnectionArn: TEXT, FullRepositoryId: TEXT, CommitId: TEXT, BaseCommitId: TEXT },
    3,
    { FilePaths: TEXTS, Truncated: FLAG },
  ),
};

const endpointParameters: EndpointParameterInstructions = {
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
  Region: { type: 'builtInParams', name: 'region' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
};

const command = makeBuilder<
  CodeStarConnectionsClientResolvedConfig,
  ServiceInputTypes,
  ServiceOutputTypes
>(endpointParameters, TARGET_PREFIX, 'CodeStarConnectionsClient', getEndpointPlugin);

function commandOf<I extends object, O extends object>(name: string) {
  const schema = ownValue(connectionOperations, name) as StaticOperationSchema;
  return command<I, O & MetadataBearer>({}, () => [], name, schema);
}

export class PassConnectionCommand extends commandOf<PassConnectionInput, PassConnectionOutput>(
  'PassConnection',
) {}
export class StartUploadArchiveToS3Command extends commandOf<
  StartUploadArchiveToS3Input,
  StartUploadArchiveToS3Output
>('StartUploadArchiveToS3') {}
export class GetUploadArchiveToS3StatusCommand extends commandOf<
  GetUploadArchiveToS3StatusInput,
  GetUploadArchiveToS3StatusOutput
>('GetUploadArchiveToS3Status') {}
export class ListCommitFilesCommand extends commandOf<ListCommitFilesInput, ListCommitFilesOutput>(
  'ListCommitFiles',
) {}
export class UpdateConnectionInstallationCommand extends commandOf<
  UpdateConnectionInstallationInput,
  UpdateConnectionInstallationOutput
>('UpdateConnectionInstallation') {}
