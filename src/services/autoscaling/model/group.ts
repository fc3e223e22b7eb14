import type { RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { Owner } from '../store/tables.ts';

/** What instances are made from. */
export type Launch =
  | { kind: 'template'; id: string; name: string; version: string | undefined }
  | { kind: 'configuration'; name: string; createdAt: number };

/** Where instances may be. */
export interface Place {
  zone: string;
  subnet: string | undefined;
}

export interface GroupTag {
  key: string;
  value: string;
  propagates: boolean;
}

export const LAUNCHING = 'autoscaling:EC2_INSTANCE_LAUNCHING';
export const TERMINATING = 'autoscaling:EC2_INSTANCE_TERMINATING';
export type Transition = typeof LAUNCHING | typeof TERMINATING;
export type HookResult = 'CONTINUE' | 'ABANDON';

export interface Hook {
  name: string;
  transition: Transition;
  heartbeatMs: number;
  otherwise: HookResult;
  target?: string;
  roleArn?: string;
  metadata?: string;
}

/** However often it is told to wait: a hundred heartbeats, and no more than two days. */
export const globalMs = ({ heartbeatMs }: Hook): number =>
  Math.min(heartbeatMs * 100, 48 * 3_600_000);

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const PROCESSES = [
  ...(['Launch', 'Terminate', 'AddToLoadBalancer', 'AlarmNotification', 'AZRebalance'] as const),
  ...(['HealthCheck', 'InstanceRefresh', 'ReplaceUnhealthy', 'ScheduledActions'] as const),
];
export type Process = (typeof PROCESSES)[number];

export interface Step {
  lower?: number;
  upper?: number;
  adjustment: number;
}

export interface Policy {
  id: string;
  name: string;
  type: 'SimpleScaling' | 'StepScaling';
  enabled: boolean;
  adjustmentType?: string;
  minMagnitude?: number;
  adjustment?: number;
  /** Seconds. */
  cooldown?: number;
  steps?: Step[];
  aggregation?: string;
  /** Seconds. */
  warmup?: number;
}

export interface Scheduled {
  id: string;
  name: string;
  /** Epoch milliseconds: of the first, of the last, of the next time. */
  start?: number;
  end?: number;
  next: number;
  recurrence?: string;
  zone?: string;
  min?: number;
  max?: number;
  desired?: number;
}

export type RefreshStatus =
  | 'InProgress'
  | 'Successful'
  | 'Failed'
  | 'Cancelled'
  | 'RollbackInProgress'
  | 'RollbackSuccessful'
  | 'RollbackFailed';

export interface Refresh {
  id: string;
  status: RefreshStatus;
  reason?: string;
  startedAt: number;
  endedAt?: number;
  /** Percent of the desired capacity. */
  minHealthy: number;
  maxHealthy: number;
  /** Seconds. */
  warmup: number;
  skipMatching: boolean;
  autoRollback: boolean;
  protectedOnes: 'Refresh' | 'Ignore' | 'Wait';
  /** What the group is to have once it is done, and what it had before. */
  wanted?: Launch;
  before: Launch;
  /** What instances have that need not be replaced, with the number of its version. */
  matching?: Launch;
  /** Epoch milliseconds: since when there are only protected ones left to replace. */
  waitsSince?: number;
  /** How many there were to replace when it began, and how many still are. */
  total: number;
  left: number;
  rollback?: { reason: string; at: number; percent: number; left: number };
}

/** All that calls say of a group, and what its machine keeps. */
export interface GroupBody {
  /** Of its ARN. */
  id: string;
  createdAt: number;
  launch: Launch;
  min: number;
  max: number;
  desired: number;
  /** Seconds. */
  cooldown: number;
  places: Place[];
  targetGroups: string[];
  health: 'EC2' | 'ELB';
  /** Seconds. */
  grace: number;
  policies: string[];
  protects: boolean;
  tags: GroupTag[];
  hooks: Hook[];
  suspended: { process: Process; reason: string }[];
  scaling: Policy[];
  schedules: Scheduled[];
  notifications: { topic: string; type: string }[];
  /** Seconds. */
  lifetime?: number;
  warmup?: number;
  context?: string;
  refresh?: Refresh;
  /** No more of it than its instances' ends. */
  deleting?: true;
  /** Epoch milliseconds: until then simple policies wait. */
  coolsUntil: number;
  /** Instances that a step has brought warm up until then, epoch milliseconds; how many there were before. */
  warming?: { base: number; until: number };
  /** Launches that failed one after another, and until when none is tried. */
  failures: number;
  waitsUntil: number;
  /** Why the desired capacity is what it is, as activities tell it. */
  why: string;
  /** Instances that are owed for others that were not well. */
  owed: number;
  /** Ids follow from it. */
  numbers: number;
}

export interface Group extends Owner {
  name: string;
  body: GroupBody;
}

export interface Activity {
  id: string;
  description: string;
  cause: string;
  startedAt: number;
  endedAt?: number;
  status: string;
  message?: string;
  progress: number;
  details: string;
}

/** Where an instance is in its life. */
export type Phase =
  | 'launching'
  | 'booting'
  | 'launch-wait'
  | 'registering'
  | 'in-service'
  | 'standby'
  | 'leaving'
  | 'terminate-wait'
  | 'terminating';

/** A hook that holds an instance. */
export interface Held {
  hook: string;
  token: string;
  /** Epoch milliseconds: of the heartbeat, and of all. */
  until: number;
  atMost: number;
  otherwise: HookResult;
}

/** An instance of a group, from before it is made. */
export interface Member extends Owner {
  /** Its client token for EC2, and its key here. */
  slot: string;
  group: string;
  instanceId: string | undefined;
  body: MemberBody;
}

export interface MemberBody {
  phase: Phase;
  zone: string;
  subnet: string | undefined;
  type?: string;
  imageId?: string;
  /** With the number of its version. */
  launch: Launch;
  /** Tags that it is made with; once they are there its launch has the number of its version. */
  tags?: GroupTag[];
  /** All of the call for it by a launch configuration, which may be gone before it is repeated. */
  input?: Partial<RunInstancesCommandInput>;
  protected: boolean;
  healthy: boolean;
  /** Why it is not well, as activities tell it. */
  illness?: string;
  /** Epoch milliseconds. */
  madeAt: number;
  inServiceAt?: number;
  held: Held[];
  /** Target groups that it may be in: what is asked for is committed before it is done. */
  joining: string[];
  /** Those that it is in. */
  registered: string[];
  /** What it leaves for: `leaving` alone. */
  leavesFor?: 'end' | 'standby' | 'detached';
  /** It went through a hook. */
  hooked?: true;
  /** It does not count yet: it is there before another goes. */
  extra?: true;
  /** It is ended as soon as it is there. */
  abandoned?: string;
  /** The refresh that has made it. */
  refresh?: string;
  activity?: Activity;
  /** It was there before the group had it. */
  attached?: true;
}

export const groupArn = ({ accountId, region }: Owner, id: string, name: string): string =>
  `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:${id}:autoScalingGroupName/${name}`;
export const arnOf = (group: Owner & { name: string; body: Pick<GroupBody, 'id'> }): string =>
  groupArn(group, group.body.id, group.name);

/** Does it count for the desired capacity? */
export const counts = ({ body: { phase, extra } }: Member): boolean => !extra && COUNTED.has(phase);
const COUNTED: ReadonlySet<Phase> = new Set([
  ...(['launching', 'booting', 'launch-wait', 'registering', 'in-service'] as const),
]);

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
export function lifecycleState({ body }: Member): string {
  const { phase, leavesFor, hooked } = body;
  if (phase === 'launching' || phase === 'booting') return 'Pending';
  if (phase === 'launch-wait') return 'Pending:Wait';
  if (phase === 'registering') return hooked ? 'Pending:Proceed' : 'Pending';
  if (phase === 'in-service') return 'InService';
  if (phase === 'standby') return 'Standby';
  if (phase === 'leaving')
    return { end: 'Terminating', standby: 'EnteringStandby', detached: 'Detaching' }[
      leavesFor ?? 'end'
    ];
  if (phase === 'terminate-wait') return 'Terminating:Wait';
  return hooked ? 'Terminating:Proceed' : 'Terminating';
}

export const isSuspended = ({ body }: Group, process: Process): boolean =>
  body.suspended.some((one) => one.process === process);

/** Target groups that an instance is to be in now. */
export function wantedTargets(group: Group, { body }: Member): string[] {
  const { phase, registered } = body;
  if (phase !== 'registering' && phase !== 'in-service') return [];
  const { targetGroups } = group.body;
  return isSuspended(group, 'AddToLoadBalancer')
    ? targetGroups.filter((arn) => registered.includes(arn))
    : targetGroups;
}

/** All that it may be in. */
export const mayBeIn = ({ body: { joining, registered } }: Member): string[] => [
  ...new Set([...registered, ...joining]),
];

/** What has to be done outside for an instance now. */
export type Work = 'launch' | 'look' | 'balance' | 'detach' | 'terminate';

export function workOf(group: Group, member: Member): Work | undefined {
  const { phase, joining, registered, leavesFor } = member.body;
  if (phase === 'launching') return 'launch';
  if (phase === 'booting') return 'look';
  const wanted = wantedTargets(group, member);
  const same =
    joining.length === 0 &&
    wanted.length === registered.length &&
    wanted.every((arn) => registered.includes(arn));
  if (!same) return 'balance';
  if (phase === 'terminating') return 'terminate';
  return phase === 'leaving' && leavesFor === 'detached' ? 'detach' : undefined;
}
