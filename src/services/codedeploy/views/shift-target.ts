import type { DeploymentTarget, ECSTaskSet, LifecycleEvent } from '@aws-sdk/client-codedeploy';
import { formatArn } from '../../../aws/arn.ts';
import type { Deployment } from '../store/deployments.ts';
import type { Place } from '../store/tables.ts';
import type { StoredTarget } from '../store/targets.ts';

const PERCENT = 100;

/** The target of a deployment to Lambda or ECS (CD-DEP-05). */
export function describeShiftTarget(
  { accountId, region }: Place,
  { deploymentId, shift, status }: Deployment,
  target: StoredTarget,
  lifecycleEvents: LifecycleEvent[],
): DeploymentTarget {
  const { plan, weight = 0, taskSets = [] } = shift ?? {};
  const common = {
    ...{ deploymentId, targetId: target.name, lifecycleEvents },
    lastUpdatedAt: new Date(target.updatedAt),
    status: status === 'Ready' ? ('Ready' as const) : target.status,
  };
  if (plan?.platform === 'Lambda') {
    const { functionName, alias: functionAlias, current, target: targetVersion } = plan;
    const resource = `function:${functionName.split(':').at(-1)}`;
    return {
      deploymentTargetType: 'LambdaTarget',
      lambdaTarget: {
        ...common,
        targetArn: formatArn({ service: 'lambda', region, accountId, resource }),
        lambdaFunctionInfo: {
          ...{ functionName, functionAlias, currentVersion: current, targetVersion },
          targetVersionWeight: weight,
        },
      },
    };
  }
  const taskSetsInfo = taskSets.map(
    ({ id, label, group, status: state, ...set }): ECSTaskSet => ({
      ...{
        identifer: id,
        taskSetLabel: label,
        status: state,
        targetGroup: { name: nameOf(group) },
      },
      ...{ desiredCount: set.desired, pendingCount: set.pending, runningCount: set.running },
      trafficWeight: label === 'Green' ? weight : PERCENT - weight,
    }),
  );
  const service = plan && `service/${plan.cluster}/${plan.service}`;
  return {
    deploymentTargetType: 'ECSTarget',
    ecsTarget: {
      ...{ ...common, taskSetsInfo },
      ...(service && {
        targetArn: formatArn({ service: 'ecs', region, accountId, resource: service }),
      }),
    },
  };
}

/** `targetgroup/NAME/ID` */
const nameOf = (arn: string) => arn.split('/').at(-2) ?? arn;
