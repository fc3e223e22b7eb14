import { createHash } from 'node:crypto';
import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import type { Plan, ShiftState } from './shift-state.ts';

/** What a rollback begins with: the plan of the deployment that it takes back, and where the traffic is (CD-LCL-04, CD-LCE-05). */
export function backShift({ plan, platform, nonce, weight, ...rest }: ShiftState): ShiftState {
  return {
    ...{ platform, nonce: `${nonce}-back`, routing: { type: 'AllAtOnce' }, terminationMs: 0 },
    ...{ back: true, at: 0, touched: false, weight },
    ...(plan && { plan }),
    ...(rest.taskSets && { taskSets: rest.taskSets }),
  };
}

/** The AppSpec of what was there before a group's first deployment: what a rollback to it deploys. */
export function revisionBefore(plan: Plan): RevisionLocation {
  const resource = plan.platform === 'Lambda' ? functionBefore(plan) : serviceBefore(plan);
  const content = JSON.stringify({ version: 0.0, Resources: [resource] });
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } };
}

function functionBefore(plan: Extract<Plan, { platform: 'Lambda' }>) {
  const { functionName: Name, alias: Alias, current, target } = plan;
  const Properties = { Name, Alias, CurrentVersion: target, TargetVersion: current };
  return { TargetFunction: { Type: 'AWS::Lambda::Function', Properties } };
}

function serviceBefore({ before }: Extract<Plan, { platform: 'ECS' }>) {
  const { taskDefinition: TaskDefinition, containerName, containerPort } = before;
  const LoadBalancerInfo = { ContainerName: containerName, ContainerPort: containerPort };
  const Properties = { TaskDefinition, LoadBalancerInfo };
  return { TargetService: { Type: 'AWS::ECS::Service', Properties } };
}
