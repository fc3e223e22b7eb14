import { createHash } from 'node:crypto';
import type { ErrorCode, TrafficRoutingConfig } from '@aws-sdk/client-codedeploy';
import type {
  CapacityProviderStrategyItem,
  LaunchType,
  NetworkConfiguration,
} from '@aws-sdk/client-ecs';

/** Functions that hooks of an AppSpec name, by lifecycle event. */
export type Hooks = Record<string, string>;

/** A function and its alias, and the versions between which traffic is shifted (CD-LCL-02). */
export interface LambdaPlan {
  platform: 'Lambda';
  functionName: string;
  alias: string;
  current: string;
  target: string;
  hooks: Hooks;
}

/** One side of an ECS deployment. */
export interface Side {
  /** ARN of the target group. */
  group: string;
  /** Id of the task set; of the green one, once it is made. */
  taskSet?: string;
}

/** A service, its two sides, and what its new task set is to be (CD-LCE-02). */
export interface EcsPlan {
  platform: 'ECS';
  cluster: string;
  service: string;
  /** What the new task set is known by to ECS: the deployment that makes it. */
  externalId: string;
  taskDefinition: string;
  containerName: string;
  containerPort: number;
  platformVersion?: string;
  launchType?: LaunchType;
  network?: NetworkConfiguration;
  capacityProviders?: CapacityProviderStrategyItem[];
  /** What ran before: a rollback's AppSpec says it. */
  before: { taskDefinition: string; containerName: string; containerPort: number };
  blue: Side;
  green: Side;
  prodListener: string;
  testListener?: string;
  hooks: Hooks;
}

export type Plan = LambdaPlan | EcsPlan;

/** A task set as ECS tells of it. */
export interface TaskSetFacts {
  id: string;
  label: 'Blue' | 'Green';
  group: string;
  status: string;
  desired: number;
  pending: number;
  running: number;
  createdAt?: number;
}

/** What a failed call comes to. */
export interface Trouble {
  code: ErrorCode;
  message: string;
}

/** What is done outside: an id that is committed, and then done by the reconciler that it wakes. */
export type Call =
  /** Reads the AppSpec, and what there is for it. */
  | { type: 'resolve' }
  | { type: 'invoke'; functionName: string; executionId: string }
  | { type: 'route'; percent: number }
  | { type: 'testRoute'; percent: number }
  | { type: 'install' }
  | { type: 'steady'; side: 'blue' | 'green' }
  | { type: 'promote'; side: 'blue' | 'green' }
  | { type: 'remove'; side: 'blue' | 'green' };

/** One step of a deployment; those of a lifecycle event are its, the others stand between events. */
export type ShiftStep = { event?: string } & (
  | { type: 'call'; call: Call }
  | { type: 'hook'; functionName: string }
  | { type: 'none' }
  | { type: 'hold'; ms: number; why: 'shift' | 'ready' | 'termination' }
);

/** All that a deployment that shifts traffic keeps. Times are epoch milliseconds. */
export interface ShiftState {
  platform: 'Lambda' | 'ECS';
  /** Drawn when it was made: ids of hooks' executions are made of it. */
  nonce: string;
  routing: TrafficRoutingConfig;
  /** How long it waits, when the replacement is ready, for somebody to go on (ECS); without it nobody has to. */
  readyMs?: number;
  /** How long the original task set stays (ECS). */
  terminationMs: number;
  plan?: Plan;
  /** A rollback: takes back what the deployment of this plan has done. */
  back?: boolean;
  /** The step that it has come to, and since when; undefined before it is begun. */
  at: number;
  begun?: number;
  /** What is asked for and not answered yet. */
  work?: { id: string; call: Call };
  /** The current call is done. */
  done?: boolean;
  /** What the hook of the current step said. */
  told?: 'Succeeded' | 'Failed';
  /** Nobody has to wait for the hold of the current step any longer. */
  skipped?: boolean;
  trouble?: Trouble;
  /** Something outside has been changed, or may have been. */
  touched: boolean;
  /** Of a hundred requests so many go to the new version. */
  weight: number;
  taskSets?: TaskSetFacts[];
}

/** A hook that has said nothing within this time has failed (CD-LCL-03). */
export const HOOK_TIMEOUT_MS = 3600_000;
/** What AWS gives a replacement task set to become steady, and we any call that finds nobody. */
export const CALL_TIMEOUT_MS = 3600_000;

/** The id of the execution of the hook of a step: what nobody can guess who was not told. */
export function executionIdOf({ nonce }: ShiftState, at: number): string {
  return createHash('sha256').update(`${nonce}\n${at}`).digest('base64url');
}

/** Whose answer it is: each call of a deployment has an id of its own. */
export const workId = ({ at }: ShiftState, { type }: Call): string => `${at}/${type}`;

/** Calls that only look: an end does not wait for them. */
export const onlyLooks = ({ type }: Call): boolean => type === 'resolve' || type === 'steady';

/** Calls after which there is something to take back. */
export const touches = ({ type }: Call): boolean =>
  type === 'route' || type === 'install' || type === 'testRoute';
