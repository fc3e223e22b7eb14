import type {
  AutoRollbackConfiguration,
  DeploymentCreator,
  Diagnostics,
  ErrorCode,
  MinimumHealthyHosts,
  ZonalConfig,
} from '@aws-sdk/client-codedeploy';
import type { Draft as MachineDraft, Step as MachineStep, Work } from '../../../engine/machine.ts';
import { least } from '../../../lib/append.ts';
import {
  ALARMS,
  DEPLOYMENT,
  FLEET,
  hostTopic,
  ROLE,
  SHIFT,
  TERMINATION,
  TRAFFIC,
  trafficKey,
} from '../reconcilers/names.ts';
import { type BlueGreen, type Reroute, type Terminated, waitEnd } from './blue-green.ts';
import { withoutScript } from './diagnostics.ts';
import { FLEET_TIMEOUT_MS, type Fleet, type FleetWork } from './fleet.ts';
import type { HostRecord, StoredHost } from './healthy-hosts.ts';
import {
  BLUE_GREEN_TIMEOUT_MS,
  DEPLOYMENT_TIMEOUT_MS,
  isTrafficEvent,
  PREPARE_TIMEOUT_MS,
  RUN_TIMEOUT_MS,
  START_TIMEOUT_MS,
} from './lifecycle.ts';
import { type Call, type ShiftState, type Trouble, workId } from './strategies/shift-state.ts';
import { shiftDeadline } from './strategies/steps.ts';

export type EventStatus = 'Pending' | 'InProgress' | 'Succeeded' | 'Failed' | 'Skipped';
/** Ready: it has the revision, and waits for traffic (blue/green). */
export type TargetState = EventStatus | 'Ready';
export type DeploymentState =
  | 'Created'
  | 'Queued'
  | 'InProgress'
  | 'Ready'
  | 'Baking'
  | 'Succeeded'
  | 'Failed'
  | 'Stopped';

/** One lifecycle event on one host: the command that an agent gets for it. Times are epoch milliseconds. */
export interface EventSnapshot {
  name: string;
  status: EventStatus;
  /** The command may be taken since then. */
  offeredAt?: number;
  /** An agent took it. */
  startedAt?: number;
  endedAt?: number;
  diagnostics?: Diagnostics;
  /** Failed because no agent took the command in time. */
  agentSilent?: boolean;
}

/** A host that a deployment is for, and what is known of it before. */
export interface Candidate extends HostRecord {
  name: string;
  /** Of the original instances, or of those that replace them. */
  label?: 'Blue' | 'Green';
  /** Its availability zone, where a deployment goes by zones. */
  zone?: string;
}

/** A host in a deployment; what was known of it when the deployment started. */
export interface TargetSnapshot extends Candidate {
  status: TargetState;
  events: EventSnapshot[];
}

/** An end that is decided, while hosts in progress still work. */
export interface Ending {
  status: 'Failed' | 'Stopped';
  code: ErrorCode;
  message: string;
  /** What becomes of hosts in progress: `drain`: they go on to the end; `interrupt`: after the event that runs. */
  mode: 'drain' | 'interrupt' | 'abort';
}

export type RoleAnswer = 'ok' | 'missing' | 'denied';

export type { Trouble };

/** Why alarms end a deployment: one of them is in ALARM, or nobody can say. */
export type AlarmTrouble = Trouble;

export interface Snapshot {
  deploymentId: string;
  groupId: string;
  accountId: string;
  region: string;
  status: DeploymentState;
  createdAt: number;
  startedAt?: number;
  creator: DeploymentCreator;
  minimumHealthyHosts: MinimumHealthyHosts;
  ignoreApplicationStopFailures: boolean;
  autoRollback?: AutoRollbackConfiguration;
  /** StopDeployment was called. */
  stop?: { rollback?: boolean };
  ending?: Ending;
  applicationExists: boolean;
  groupExists: boolean;
  serviceRoleArn: string;
  /** What became of assuming the service role: a reconciler of its own answers that. */
  role?: 'asked' | RoleAnswer;
  /** That was asked since then, and what else has to be known before it starts. */
  askedAt?: number;
  /** It has alarms to look at: before it starts, and until it ends. */
  watchesAlarms: boolean;
  /** What was last said of them: a reconciler of its own looks. */
  alarms?: 'asked' | 'quiet' | AlarmTrouble;
  /** An older deployment of the group has not ended. */
  waitsForOther: boolean;
  /** The group has had a successful deployment. */
  hasLastSuccessful: boolean;
  /** Why the service role sees no instances of EC2, where the group chooses some. */
  ec2Refusal?: string;
  /** A lifecycle hook holds its one instance: one that comes, or one that goes (CD-LCS-06, 07). */
  held?: 'launch' | 'termination';
  /** Why the Auto Scaling groups cannot be used. */
  scalingTrouble?: Trouble;
  /** Why the load balancers cannot be used. */
  trafficTrouble?: Trouble;
  /** Load balancers send hosts nothing while they are deployed to. */
  trafficControl: boolean;
  /** It goes by availability zones (CD-MHH-12). */
  zonal?: ZonalConfig;
  /** It replaces instances by others. */
  blueGreen?: BlueGreen;
  /** Instances that the group chooses; only looked at before the start. */
  candidates: Candidate[];
  targets: TargetSnapshot[];
  /** Of a deployment to Lambda or ECS, which shifts traffic. */
  shift?: ShiftState;
}

type DeploymentChange = Partial<
  Pick<Snapshot, 'status' | 'startedAt' | 'ending' | 'role' | 'askedAt' | 'alarms' | 'shift'>
> & { reroute?: Reroute; fleet?: Fleet };

export type DeploymentNotice = 'START' | 'SUCCESS' | 'FAILURE' | 'STOP' | 'READY';
export type InstanceNotice = 'START' | 'SUCCESS' | 'FAILURE' | 'READY';

export type Write =
  | { type: 'deployment'; set: DeploymentChange }
  | { type: 'targets'; targets: TargetSnapshot[] }
  | { type: 'target'; name: string; set: { status: TargetState } }
  | { type: 'event'; target: string; position: number; set: Partial<EventSnapshot> }
  /** The host's own result goes into the group's record of it (CD-MHH-10). */
  | { type: 'host'; name: string; succeeded: boolean }
  | {
      type: 'end';
      status: 'Succeeded' | 'Failed' | 'Stopped';
      error?: { code: ErrorCode; message: string };
    }
  | { type: 'rollback' }
  | { type: 'noRollback'; message: string }
  | { type: 'notify'; subject: 'deployment'; state: DeploymentNotice }
  | { type: 'notify'; subject: 'instance'; name: string; state: InstanceNotice };

/** It rings for the hosts that have a command to take. */
export type Step = MachineStep<Write[]>;

export type { StoredHost };

/** A snapshot that decisions change step by step, with the writes that make the same changes durable. */
export class Draft implements MachineDraft<Write[]> {
  readonly state: Snapshot;
  readonly writes: Write[] = [];
  readonly #told = new Set<string>();
  readonly #work: Work[] = [];
  #bakesUntil: number | undefined;

  constructor(snapshot: Snapshot) {
    this.state = structuredClone(snapshot);
  }

  setDeployment(set: DeploymentChange): void {
    const { reroute, fleet, ...own } = set;
    Object.assign(this.state, own);
    const { blueGreen } = this.state;
    if (blueGreen) Object.assign(blueGreen, reroute && { reroute }, fleet && { fleet });
    this.writes.push({ type: 'deployment', set });
  }

  /** Traffic has come further. A wait that begins so arranges its own end: whoever reports may arrange nothing. */
  setReroute(set: Reroute): void {
    this.setDeployment({ reroute: { ...this.state.blueGreen?.reroute, ...set } });
    this.lookAgain();
  }

  /** A zone is looked at until then before the next one begins (CD-MHH-12). */
  bake(until: number): void {
    this.#bakesUntil = until;
    if (this.state.status === 'Baking') return;
    this.setDeployment({ status: 'Baking' });
    this.lookAgain();
  }

  /** A wait begins, though nothing is asked for: the next look has to be arranged anew. */
  lookAgain(): void {
    this.#work.push({ reconciler: DEPLOYMENT, key: this.state.deploymentId });
  }

  askForTermination(): void {
    this.setDeployment({ reroute: { ...this.state.blueGreen?.reroute, termination: 'asked' } });
    this.#work.push({ reconciler: TERMINATION, key: this.state.deploymentId });
  }

  answerTermination(termination: Terminated): void {
    if (this.state.blueGreen?.reroute.termination === 'asked') this.setReroute({ termination });
  }

  /** Something is to be done to the Auto Scaling groups, whatever was asked for before. */
  askForFleet(work: FleetWork, now: number): void {
    const { fleet } = this.state.blueGreen ?? {};
    if (!fleet || fleet.work === work) return;
    this.setDeployment({ fleet: { ...fleet, work, since: now } });
    this.#work.push({ reconciler: FLEET, key: this.state.groupId });
  }

  /** That is done, or cannot be. Whoever comes late changes nothing. */
  answerFleet(work: FleetWork, trouble?: Trouble): void {
    const { fleet } = this.state.blueGreen ?? {};
    if (fleet?.work !== work) return;
    const { work: _, since: __, ...rest } = fleet;
    const done = [...fleet.done, work];
    this.setDeployment({ fleet: { ...rest, done, ...(trouble && { trouble }) } });
    this.lookAgain();
  }

  askForRole(now: number): void {
    this.setDeployment({ role: 'asked', askedAt: now });
    this.#work.push({ reconciler: ROLE, key: this.state.deploymentId });
  }

  answerRole(role: RoleAnswer): void {
    if (this.state.role === 'asked') this.setDeployment({ role });
  }

  /** A host is no more. What it did not come to it has failed. */
  lose(name: string, message: string, now: number): void {
    const target = this.state.targets.find((one) => one.name === name);
    if (!target || !isOpen(target)) return;
    const position = target.events.findIndex((event) => !isOver(event));
    const diagnostics = withoutScript('UnknownError', message);
    this.setEvent(target, position, { status: 'Failed', endedAt: now, diagnostics });
    target.events.forEach((event, later) => {
      if (!isOver(event)) this.setEvent(target, later, { status: 'Skipped', endedAt: now });
    });
    this.setTarget(target, 'Failed');
  }

  askForAlarms(): void {
    this.setDeployment({ alarms: 'asked' });
    this.#work.push({ reconciler: ALARMS, key: this.state.deploymentId });
  }

  /** Once there is trouble it stays: an alarm that is over has been. */
  answerAlarms(answer: 'quiet' | AlarmTrouble): void {
    const { alarms } = this.state;
    if (alarms === 'asked' || (alarms === 'quiet' && answer !== 'quiet'))
      this.setDeployment({ alarms: answer });
  }

  setShift(set: Partial<ShiftState>): void {
    const { shift } = this.state;
    if (shift) this.setDeployment({ shift: { ...shift, ...set } });
  }

  /** Something is to be done outside: the reconciler of that is woken. */
  askOutside(call: Call): void {
    const { shift, groupId: key } = this.state;
    if (!shift) return;
    this.setShift({ work: { id: workId(shift, call), call } });
    this.#work.push({ reconciler: SHIFT, key });
  }

  /** What was asked for is done, and has brought `facts`. Whoever comes late, or twice, changes nothing. */
  answerOutside(id: string, facts: Partial<ShiftState> = {}): void {
    if (this.state.shift?.work?.id === id) this.setShift({ ...facts, work: undefined, done: true });
  }

  /** What is seen of it while it is not done. */
  noteOutside(id: string, facts: Partial<ShiftState>): void {
    if (this.state.shift?.work?.id === id) this.setShift(facts);
  }

  /** What was asked for cannot be done. @param id whose; undefined: whatever is asked for */
  failOutside(trouble: Trouble, id?: string): void {
    const { work } = this.state.shift ?? {};
    if (id === undefined || work?.id === id) this.setShift({ trouble, work: undefined });
  }

  /** The host may take the event's command; what is done at load balancers begins at once. */
  offer(target: TargetSnapshot, position: number, now: number): void {
    if (isTrafficEvent(target.events[position]?.name ?? '')) {
      this.setEvent(target, position, { status: 'InProgress', startedAt: now });
      const key = trafficKey(this.state.groupId, target.name);
      this.#work.push({ reconciler: TRAFFIC, key });
      return;
    }
    this.setEvent(target, position, { offeredAt: now });
    this.#told.add(target.name);
  }

  /** What became of an event at the load balancers; nothing where it is over already. */
  answerTraffic(name: string, event: string, failure: string | undefined, now: number): void {
    const target = this.state.targets.find((one) => one.name === name);
    const position = target?.events.findIndex((one) => one.name === event) ?? -1;
    if (target?.events[position]?.status !== 'InProgress') return;
    const [status, diagnostics] =
      failure === undefined
        ? (['Succeeded', withoutScript('Success', 'Succeeded')] as const)
        : (['Failed', withoutScript('UnknownError', failure)] as const);
    this.setEvent(target, position, { status, endedAt: now, diagnostics });
  }

  addTargets(targets: TargetSnapshot[]): void {
    this.state.targets = targets;
    this.writes.push({ type: 'targets', targets: structuredClone(targets) });
  }

  setTarget(target: TargetSnapshot, status: TargetState): void {
    target.status = status;
    this.writes.push({ type: 'target', name: target.name, set: { status } });
    // Functions and services are no hosts.
    if (this.state.shift) return;
    if (status === 'InProgress' && !target.events.some(isOver))
      this.notifyInstance(target, 'START');
    if (status === 'Ready') this.notifyInstance(target, 'READY');
    if (status !== 'Succeeded' && status !== 'Failed') return;
    // A host that nothing was installed on is as it was.
    if (target.events.some(({ name }) => name === 'Install'))
      this.writes.push({ type: 'host', name: target.name, succeeded: status === 'Succeeded' });
    this.notifyInstance(target, status === 'Succeeded' ? 'SUCCESS' : 'FAILURE');
  }

  setEvent(target: TargetSnapshot, position: number, set: Partial<EventSnapshot>): void {
    Object.assign(target.events[position] ?? {}, set);
    this.writes.push({ type: 'event', target: target.name, position, set });
  }

  notifyInstance({ name }: TargetSnapshot, state: InstanceNotice): void {
    this.writes.push({ type: 'notify', subject: 'instance', name, state });
  }

  finish(): Step {
    return {
      writes: this.writes,
      work: this.#work,
      rings: [...this.#told].map((name) => hostTopic(this.state, name)),
      wakeAt: least(deadlines(this.state, this.#bakesUntil)),
    };
  }
}

export const isOver = (event: EventSnapshot) =>
  event.status !== 'Pending' && event.status !== 'InProgress';

/** It has not come to its end. */
export const isOpen = ({ status }: Pick<TargetSnapshot, 'status'>) =>
  status === 'Pending' || status === 'InProgress' || status === 'Ready';

/** Nothing changes a deployment any more. */
export const isTerminal = (status: DeploymentState): boolean =>
  status === 'Succeeded' || status === 'Failed' || status === 'Stopped';

/** Hosts are deployed to, or something is waited for between. */
export const isRunning = ({ status }: Pick<Snapshot, 'status'>) =>
  status === 'InProgress' || status === 'Ready' || status === 'Baking';

/** When a host's command takes too long: nobody took it, or it does not end. */
export function deadlineOf(target: TargetSnapshot): number | undefined {
  const current = target.events.find((event) => !isOver(event));
  if (target.status !== 'InProgress') return undefined;
  if (current?.startedAt !== undefined) return current.startedAt + RUN_TIMEOUT_MS;
  return current?.offeredAt === undefined ? undefined : current.offeredAt + START_TIMEOUT_MS;
}

/** When what a deployment has to know before it starts has not come for too long, in epoch milliseconds. */
export function prepareDeadline({ status, role, alarms, askedAt }: Snapshot): number | undefined {
  const waits = (status === 'Created' || status === 'Queued') && [role, alarms].includes('asked');
  return waits && askedAt !== undefined ? askedAt + PREPARE_TIMEOUT_MS : undefined;
}

/** How long the whole of it may take. */
export const timeOutOf = ({ blueGreen }: Snapshot) =>
  blueGreen ? BLUE_GREEN_TIMEOUT_MS : DEPLOYMENT_TIMEOUT_MS;

/** When something takes too long, in epoch milliseconds. */
function deadlines(state: Snapshot, bakesUntil: number | undefined): number[] {
  const { startedAt, targets, blueGreen, shift, status } = state;
  const begins = prepareDeadline(state);
  if (begins !== undefined) return [begins];
  if (shift)
    return [isTerminal(status) ? undefined : shiftDeadline(shift)].filter((at) => at !== undefined);
  if (!isRunning(state)) return [];
  return [
    ...targets.map(deadlineOf),
    startedAt && startedAt + timeOutOf(state),
    blueGreen && waitEnd(blueGreen),
    blueGreen?.fleet?.since && blueGreen.fleet.since + FLEET_TIMEOUT_MS,
    bakesUntil,
  ].filter((at) => at !== undefined);
}
