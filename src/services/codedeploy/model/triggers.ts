import type {
  ErrorInformation,
  LifecycleEventStatus,
  RollbackInfo,
  TriggerConfig,
  TriggerEventType,
} from '@aws-sdk/client-codedeploy';
import type { EventSnapshot, TargetState, Write } from './deployment-state.ts';

/** What triggers of deployment groups may tell of; `…Ready` is for blue/green deployments. */
export const TRIGGER_EVENTS: ReadonlySet<string> = new Set<TriggerEventType>([
  ...(['DeploymentStart', 'DeploymentSuccess', 'DeploymentFailure'] as const),
  ...(['DeploymentStop', 'DeploymentRollback', 'DeploymentReady'] as const),
  ...(['InstanceStart', 'InstanceSuccess', 'InstanceFailure', 'InstanceReady'] as const),
]);

const NAMES = {
  START: 'Start',
  SUCCESS: 'Success',
  FAILURE: 'Failure',
  STOP: 'Stop',
  READY: 'Ready',
} as const;

/** Something that triggers may tell of: of the deployment, or of an instance. */
export interface Happening {
  event: TriggerEventType;
  instance?: string;
}

/** What a change of a deployment is to triggers; undefined where it is nothing to them. */
export function happeningOf(write: Write): Happening | undefined {
  if (write.type === 'rollback') return { event: 'DeploymentRollback' };
  if (write.type !== 'notify') return undefined;
  if (write.subject === 'deployment') return { event: `Deployment${NAMES[write.state]}` };
  return { event: `Instance${NAMES[write.state]}`, instance: write.name };
}

/** The triggers that tell of it. */
export const triggersOn = (triggers: readonly TriggerConfig[] = [], event: TriggerEventType) =>
  triggers.filter(({ triggerEvents = [] }) => triggerEvents.includes(event));

/** Epoch seconds as text: `1446744207.564`. */
const seconds = (ms: number | undefined) => (ms === undefined ? undefined : (ms / 1000).toFixed(3));

interface Told {
  region: string;
  accountId: string;
  deploymentId: string;
}

interface ToldDeployment extends Told {
  applicationName: string;
  groupName: string;
  status: string;
  createdAt: number;
  completedAt?: number | undefined;
  errorInformation?: ErrorInformation | undefined;
  rollbackInfo?: RollbackInfo | undefined;
}

const OVERVIEW = ['Failed', 'InProgress', 'Pending', 'Skipped', 'Succeeded'] as const;

/**
 * CD-EVT-03.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications-json-format.html
 * @param counts instances by status
 */
export function deploymentMessage(
  trigger: TriggerConfig,
  deployment: ToldDeployment,
  counts: ReadonlyMap<string, number>,
): object {
  const { region, accountId, deploymentId, rollbackInfo, errorInformation: error } = deployment;
  const count = (status: string) => [status, String(counts.get(status) ?? 0)];
  return {
    ...{ region, accountId, eventTriggerName: trigger.triggerName },
    applicationName: deployment.applicationName,
    ...{ deploymentId, deploymentGroupName: deployment.groupName },
    createTime: seconds(deployment.createdAt),
    completeTime: seconds(deployment.completedAt),
    deploymentOverview: Object.fromEntries(OVERVIEW.map(count)),
    status: deployment.status,
    ...(error && { errorInformation: { ErrorCode: error.code, ErrorMessage: error.message } }),
    ...(rollbackInfo && {
      rollbackInformation: {
        RollbackDeploymentId: rollbackInfo.rollbackDeploymentId,
        RollbackTriggeringDeploymentId: rollbackInfo.rollbackTriggeringDeploymentId,
        RollbackMessage: rollbackInfo.rollbackMessage,
      },
    }),
  };
}

interface ToldInstance {
  arn: string;
  status: TargetState;
  updatedAt: number;
  events: readonly EventSnapshot[];
}

/** CD-EVT-02. */
export function instanceMessage(
  trigger: TriggerConfig,
  { region, accountId, deploymentId }: Told,
  { arn, status, updatedAt, events }: ToldInstance,
): object {
  return {
    ...{ region, accountId, eventTriggerName: trigger.triggerName, deploymentId },
    ...{ instanceId: arn, lastUpdatedAt: seconds(updatedAt), instanceStatus: status },
    lifecycleEvents: events.map((event) => ({
      LifecycleEvent: event.name,
      LifecycleEventStatus: event.status satisfies LifecycleEventStatus,
      StartTime: seconds(event.startedAt),
      EndTime: seconds(event.endedAt),
    })),
  };
}

const MOST_SUBJECT = 100;

/** `SUCCEEDED: AWS CodeDeploy d-75I7MBT7C in us-east-2 to Production` (CD-EVT-03) */
export function subjectOf(
  status: string,
  { deploymentId, region, applicationName }: Told & { applicationName: string },
): string {
  const text = `${status.toUpperCase()}: AWS CodeDeploy ${deploymentId} in ${region} to ${applicationName}`;
  return text.slice(0, MOST_SUBJECT);
}
