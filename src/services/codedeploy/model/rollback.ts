import type { AutoRollbackConfiguration, DeploymentCreator } from '@aws-sdk/client-codedeploy';

export interface EndedDeployment {
  deploymentId: string;
  status: 'Failed' | 'Stopped';
  creator: DeploymentCreator;
  /** The deployment's own configuration, or else its group's. */
  autoRollback?: AutoRollbackConfiguration;
  /** Alarms have stopped it. */
  byAlarm?: boolean;
  /** What StopDeployment asked for; undefined: as configured. */
  rollbackOnStop?: boolean;
}

export type RollbackDecision =
  | { type: 'none' }
  /** A rollback is due but there is nothing to go back to: `message` goes into rollbackInfo. */
  | { type: 'impossible'; message: string }
  | { type: 'rollback' };

/**
 * Is a failed or stopped deployment followed by a rollback (CD-ROL-01, 02)? A rollback never is (CD-ROL-04).
 * @param possible there is something to go back to
 * @param why what is said where there is nothing
 */
export function decideRollback(
  ended: EndedDeployment,
  possible: boolean,
  why = `Deployment ${ended.deploymentId} cannot be rolled back: no revision has been deployed successfully to the deployment group before it.`,
): RollbackDecision {
  // What is made for instances that come and go changes nothing of the group.
  if (ended.creator !== 'user' || !isDue(ended)) return { type: 'none' };
  return possible ? { type: 'rollback' } : { type: 'impossible', message: why };
}

function isDue({ status, autoRollback, byAlarm, rollbackOnStop }: EndedDeployment): boolean {
  if (!byAlarm && status === 'Stopped' && rollbackOnStop !== undefined) return rollbackOnStop;
  if (!autoRollback?.enabled) return false;
  const stopped = byAlarm ? 'DEPLOYMENT_STOP_ON_ALARM' : 'DEPLOYMENT_STOP_ON_REQUEST';
  return (
    autoRollback.events?.includes(status === 'Failed' ? 'DEPLOYMENT_FAILURE' : stopped) ?? false
  );
}
