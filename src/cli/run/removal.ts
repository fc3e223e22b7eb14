import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  DeleteProjectCommand,
  DeleteReportGroupCommand,
  ListReportGroupsCommand,
} from '@aws-sdk/client-codebuild';
import { DeleteRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  DeleteApplicationCommand,
  DeregisterOnPremisesInstanceCommand,
} from '@aws-sdk/client-codedeploy';
import { DeletePipelineCommand, StopPipelineExecutionCommand } from '@aws-sdk/client-codepipeline';
import {
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3';
import { append } from '../../lib/append.ts';
import type { Clients } from '../demo/resources.ts';
import type { Server } from '../server.ts';
import { makeLogs } from './clients.ts';
import { type Run, rolesOf } from './resources.ts';

/**
 * Removes all that a run has made, whatever of it there is.
 * @returns what could not be removed, and why
 */
export async function removeRun(
  clients: Clients,
  server: Server,
  run: Run,
  executionId?: string,
): Promise<string[]> {
  const { codepipeline, codebuild, codecommit, codedeploy } = clients;
  const { name } = run;
  const left: string[] = [];
  const attempt = async (what: string, work: () => Promise<unknown>) => {
    await work().catch((error: Error) => {
      if (!isAbsent(error)) left.push(`${what}: ${error.name}: ${error.message}`);
    });
  };
  // What still runs must not outlive its pipeline.
  const stop = { pipelineName: name, pipelineExecutionId: executionId, abandon: true };
  if (executionId)
    await attempt('execution', () => codepipeline.send(new StopPipelineExecutionCommand(stop)));
  await attempt('pipeline', () => codepipeline.send(new DeletePipelineCommand({ name })));
  await attempt('project', () => codebuild.send(new DeleteProjectCommand({ name })));
  await attempt('report groups', () => removeReportGroups(clients, name));
  await attempt('repository', () =>
    codecommit.send(new DeleteRepositoryCommand({ repositoryName: name })),
  );
  if (run.runnable.deploys) {
    await attempt('application', () =>
      codedeploy.send(new DeleteApplicationCommand({ applicationName: name })),
    );
    await attempt('instance', () =>
      codedeploy.send(new DeregisterOnPremisesInstanceCommand({ instanceName: name })),
    );
    await attempt('user', () => removeUser(clients, name));
  }
  await attempt('bucket', () => removeBucket(clients, run.bucket));
  for (const role of Object.values(rolesOf(run)))
    await attempt(role, () => removeRole(clients, role));
  await attempt('log group', () =>
    makeLogs(server).send(new DeleteLogGroupCommand({ logGroupName: `/aws/codebuild/${name}` })),
  );
  return left;
}

/** It was not made, or is gone. */
export const isAbsent = ({ name }: Error) =>
  /NotFound|DoesNotExist|NoSuch|NotRegistered|NotStoppable|DuplicatedStop/.test(name);

/** Builds make them where the buildspec has reports: `NAME-…`. */
async function removeReportGroups({ codebuild }: Clients, name: string): Promise<void> {
  let nextToken: string | undefined;
  const own: string[] = [];
  do {
    const page: { reportGroups?: string[]; nextToken?: string } = await codebuild.send(
      new ListReportGroupsCommand({ nextToken }),
    );
    append(
      own,
      (page.reportGroups ?? []).filter((arn) => arn.includes(`:report-group/${name}-`)),
    );
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  for (const arn of own)
    await codebuild.send(new DeleteReportGroupCommand({ arn, deleteReports: true }));
}

async function removeRole({ iam }: Clients, RoleName: string): Promise<void> {
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: RoleName })).catch((error) => {
    if (!isAbsent(error)) throw error;
  });
  await iam.send(new DeleteRoleCommand({ RoleName }));
}

async function removeUser({ iam }: Clients, UserName: string): Promise<void> {
  const { AccessKeyMetadata = [] } = await iam.send(new ListAccessKeysCommand({ UserName }));
  for (const { AccessKeyId } of AccessKeyMetadata)
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
  await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: UserName }));
  await iam.send(new DeleteUserCommand({ UserName }));
}

/** With all that is in it. */
export async function removeBucket({ s3 }: Clients, Bucket: string): Promise<void> {
  for (;;) {
    const {
      Versions = [],
      DeleteMarkers = [],
      IsTruncated,
    } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(
      ({ Key, VersionId }): ObjectIdentifier => ({ Key, VersionId }),
    );
    if (Objects.length > 0)
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (!IsTruncated) break;
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
