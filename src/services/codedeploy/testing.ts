import { createHash } from 'node:crypto';
import * as sdk from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { jsonOf, type Upstream } from '../../testing/upstream.ts';
import { ACCOUNT, type World } from '../../testing.ts';

// Groups of Lambda and ECS in a world, and the services that they are deployed to: a small Lambda and a small ECS.

export const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
export const GROUP = { applicationName: 'app', deploymentGroupName: 'group' };

/** The role that CodeDeploy deploys with, which may do all. */
export async function makeRole(server: World): Promise<void> {
  const iam = server.client(IAMClient);
  const policy = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
  const trust = { Action: 'sts:AssumeRole', Principal: { Service: 'codedeploy.amazonaws.com' } };
  const RoleName = 'deploy';
  await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policy(trust) }));
  const PolicyDocument = policy({ Action: '*', Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'all', PolicyDocument }));
}

export const appSpec = (resource: object, hooks: object[] = []): sdk.RevisionLocation => {
  const content = JSON.stringify({ version: 0.0, Resources: [{ it: resource }], Hooks: hooks });
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } };
};

/** A function's hook was told of this execution. */
export const hookCalls = ({ calls }: Upstream) =>
  calls
    .filter(({ operation }) => operation === 'Invoke')
    .map(({ input }) => ({
      functionName: String(input.FunctionName),
      ...(jsonOf(input.Payload) as {
        DeploymentId: string;
        LifecycleEventHookExecutionId: string;
      }),
    }));

export async function deploymentOf(client: sdk.CodeDeployClient, deploymentId: string | undefined) {
  const { deploymentInfo } = await client.send(new sdk.GetDeploymentCommand({ deploymentId }));
  return deploymentInfo ?? {};
}

/** `AllowTraffic Succeeded` */
export async function targetOf(client: sdk.CodeDeployClient, deploymentId: string | undefined) {
  const { targetIds } = await client.send(new sdk.ListDeploymentTargetsCommand({ deploymentId }));
  const { deploymentTargets } = await client.send(
    new sdk.BatchGetDeploymentTargetsCommand({ deploymentId, targetIds }),
  );
  const [target] = deploymentTargets ?? [];
  const { lifecycleEvents = [] } = target?.lambdaTarget ?? target?.ecsTarget ?? {};
  const events = lifecycleEvents.map(
    ({ lifecycleEventName, status }) => `${lifecycleEventName} ${status}`,
  );
  return { ...target, events };
}
