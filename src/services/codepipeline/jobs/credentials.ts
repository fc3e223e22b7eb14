import type { AWSSessionCredentials } from '@aws-sdk/client-codepipeline';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ActAs, Platform } from '../../../kit/service.ts';
import { artifactPolicy, type JobArtifacts } from '../model/artifact-policy.ts';
import type { ActionRun, PipelineState } from '../model/state.ts';
import { actAs, SERVICE_PRINCIPAL } from '../providers/role.ts';

/**
 * A session of the action's role for its job worker, for the job's artifacts and no wider. None where the action has no
 * artifacts.
 * @throws what STS answers, such as AccessDenied for a role that is gone
 */
export async function artifactCredentials(
  ctx: Pick<Platform, 'client'>,
  pipeline: PipelineState,
  run: ActionRun,
  artifacts: JobArtifacts,
): Promise<AWSSessionCredentials | undefined> {
  if (artifacts.inputs.length + artifacts.outputs.length === 0) return undefined;
  const { roleArn, sessionName, sts } = assuming(pipeline, run);
  const { Credentials } = await ctx.client(STSClient, sts).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: sessionName,
      Policy: artifactPolicy(artifacts),
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

/** Who asks STS for the session: CodePipeline, or the pipeline's role where the action has its own (CP-C36). */
function assuming(pipeline: PipelineState, run: ActionRun) {
  const worksAs = actAs(pipeline, run) as Extract<ActAs, { roleArn: string }>;
  const { roleArn, byRoleArn, sessionName, sourceArn, region } = worksAs;
  const service = SERVICE_PRINCIPAL;
  const sts: ActAs =
    byRoleArn === undefined
      ? { service, sourceArn, region }
      : { service, sourceArn, region, sessionName, roleArn: byRoleArn };
  return { roleArn, sessionName, sts };
}
