import {
  CodeBuildClient,
  CreateProjectCommand,
  type CreateProjectCommandInput,
} from '@aws-sdk/client-codebuild';
import {
  CodePipelineClient,
  CreatePipelineCommand,
  type PipelineDeclaration,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { TestServer } from '../conformance/server.ts';

const BUCKET = 'bench-artifacts';
/** A zip with no entries: the smallest source. */
const EMPTY_ZIP = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');

/** A role that everything of a benchmark may use. @returns its ARN */
export async function makeRole(server: TestServer): Promise<string> {
  const iam = new IAMClient(server.client);
  const statement = (extra: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...extra }] });
  const trusted = ['codepipeline.amazonaws.com', 'codebuild.amazonaws.com'];
  const { Role } = await iam.send(
    new CreateRoleCommand({
      RoleName: 'bench',
      AssumeRolePolicyDocument: statement({
        Principal: { Service: trusted },
        Action: 'sts:AssumeRole',
      }),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: 'bench',
      PolicyName: 'all',
      PolicyDocument: statement({ Action: '*', Resource: '*' }),
    }),
  );
  return Role?.Arn ?? '';
}

/** A build that does nothing but write the time at which its first command ran. */
const FIRST_COMMAND =
  'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "first-command $(date +%s%N)"\n';

/** @param more what is not as it is for the shortest build that there is */
export async function makeProject(
  server: TestServer,
  role: string,
  image: string,
  more: Partial<CreateProjectCommandInput> = {},
): Promise<void> {
  await new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name: 'bench',
      source: { type: 'NO_SOURCE', buildspec: FIRST_COMMAND },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: role,
      ...more,
    }),
  );
}

/** A pipeline of an S3 source and `actions` builds of project `bench-pipeline`, one after the other. */
export async function makePipeline(
  server: TestServer,
  role: string,
  actions: number,
): Promise<void> {
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  await s3.send(
    new PutBucketVersioningCommand({
      Bucket: BUCKET,
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  );
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'source.zip', Body: EMPTY_ZIP }));
  await new CodeBuildClient(server.client).send(
    new CreateProjectCommand({
      name: 'bench-pipeline',
      source: {
        type: 'CODEPIPELINE',
        buildspec: FIRST_COMMAND,
      },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'bench', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: role,
    }),
  );
  await new CodePipelineClient(server.client).send(
    new CreatePipelineCommand({ pipeline: declaration(role, actions) }),
  );
}

/** @param key of the source's object */
export function declaration(
  roleArn: string,
  actions: number,
  key = 'source.zip',
): PipelineDeclaration {
  return {
    name: 'bench',
    roleArn,
    artifactStore: { type: 'S3', location: BUCKET },
    stages: [
      {
        name: 'Source',
        actions: [
          {
            name: 'Source',
            actionTypeId: { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' },
            configuration: {
              S3Bucket: BUCKET,
              S3ObjectKey: key,
              PollForSourceChanges: 'false',
            },
            outputArtifacts: [{ name: 'Source' }],
          },
        ],
      },
      {
        name: 'Build',
        actions: Array.from({ length: actions }, (_, index) => ({
          name: `Build${index + 1}`,
          runOrder: index + 1,
          actionTypeId: { category: 'Build', owner: 'AWS', provider: 'CodeBuild', version: '1' },
          configuration: { ProjectName: 'bench-pipeline' },
          inputArtifacts: [{ name: 'Source' }],
        })),
      },
    ],
  };
}
