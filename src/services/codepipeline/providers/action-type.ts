import type { DeployActionExecutionTarget, JobData } from '@aws-sdk/client-codepipeline';
import type { AwsEvent, EventPattern } from '../../../engine/events.ts';
import type { ClientClass } from '../../../kit/service.ts';
import { type ActionFacts, settingsOf } from '../model/action-type.ts';
import { linkPath } from '../model/console.ts';
import type { Action, ArtifactStore } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import type {
  ActionProgress,
  ActionRun,
  Artifact,
  ArtifactLocation,
  PipelineState,
} from '../model/state.ts';
import { ActionFailure } from './failure.ts';

/** A job that somebody is to be told of. */
export interface TakenJob {
  id: string;
  accountId: string;
  data: JobData;
  /** Notes that it was. */
  told(): Promise<void>;
}

/** One action execution as its provider sees it. All of it was committed before the provider is called. */
export interface Job {
  type: ActionType;
  pipeline: PipelineState;
  run: ActionRun;
  /** Where the artifacts live. */
  store: ArtifactStore;
  /** True when the work may have been started before: the server went down, or a try failed half-way. */
  again: boolean;
  /** A client that acts under the action's role. */
  client<T extends { destroy(): void }>(Client: ClientClass<T>): T;
  /** A client of CodePipeline itself, acting for the pipeline: it may do this in the pipeline's account, whatever any policy says. */
  itself<T extends { destroy(): void }>(Client: ClientClass<T>, may: readonly string[]): T;
  /** May the action's role pass this role to the service? @throws ActionFailure */
  passRole(roleArn: string, service: string): Promise<void>;
  /** What time it is, in epoch milliseconds. */
  now(): number;
  /** By what others reach this server: for links that leave it. */
  base: string;
  /** Gives the action to the job workers of its type, once however often it is called. @returns the job's id */
  queue(): Promise<string>;
  /** The action's job, as long as whoever does its work is to be told of it. */
  takeJob(): Promise<TakenJob | undefined>;
  /** By which who has it answers an approval, or undefined where the action's role may not. */
  approvalLink(): Promise<string | undefined>;
}

/** An event of a provider's that tells of work it does for actions. */
export interface Hearing {
  /** Of the subscription `codepipeline/NAME`: unique and stable. */
  name: string;
  pattern: EventPattern;
  /** Hears also what is told to nobody but those inside. */
  watches?: true;
  /** The provider's id of the work: the running actions that call theirs so look at once. */
  work(event: AwsEvent): string;
  /**
   * Where the event tells of a beginning: is it of this action? It asks for running actions that know no work of theirs
   * yet, since the server may have gone down right after the start.
   */
  isOf?(job: Job, work: string): Promise<boolean>;
}

/** The reason of a provider's signal where the action has ended, and not only the server stops: its work is to end too. */
export class ActionEndedError extends Error {
  override name = 'AbortError';
}

/**
 * An action type: what it is, and who does its work. `start` is called until it has answered and the answer is committed, so it may be
 * called twice for one action execution and must then find what it did before: `run.actionExecutionId` is
 * the idempotency token. A provider whose work goes on (`running`) names it by `externalExecutionId`;
 * `look` is called when an event says that it has ended, and now and then to be sure.
 * Throwing an ActionFailure, or an error of an AWS call that is the caller's fault, fails the action;
 * anything else is tried again.
 */
export interface ActionType extends ActionFacts {
  hears?: readonly Hearing[];
  /** The provider cannot recognise a second start by a token: a mark is committed before the first. */
  marksStart?: boolean;
  /** No event tells of the end: it is asked for, at first every other second and then ever less often. */
  polls?: true;
  start(job: Job, signal: AbortSignal): Promise<Outcome>;
  look?(job: Job, signal: AbortSignal): Promise<Outcome>;
  /** Where it deploys to, and how that goes: of an action that has started its work. */
  targets?(job: Job): Promise<DeployActionExecutionTarget[]>;
  /** Source actions with triggers: the files that a change changed; undefined where nobody can know them. */
  changedFiles?(client: Job['client'], event: AwsEvent): Promise<string[] | undefined>;
  /**
   * What it is given to use that only some may give: asked of who makes or changes a pipeline with such an action.
   * @throws AccessDeniedException
   */
  given?(action: Action, client: Job['client']): Promise<void>;
}

/** What most action types have in common need not be said. */
export function defineActionType(
  type: Omit<ActionType, 'owner' | 'version'> & Partial<Pick<ActionType, 'owner' | 'version'>>,
): ActionType {
  return { owner: 'AWS', version: '1', ...type };
}

/** The type of a condition's rule: evaluated as an action is, without outputs (CP-C28). */
export const defineRuleType = (
  type: Omit<Parameters<typeof defineActionType>[0], 'categories' | 'outputs'>,
): ActionType => defineActionType({ ...type, categories: ['Rule'], outputs: [0, 0] });

/** A rule that was evaluated, and says no. */
export const ruleFailed = (message: string, progress: ActionProgress = {}): Outcome => ({
  state: 'failed',
  progress: { ...progress, summary: message },
  code: 'JobFailed',
  message,
});

/** A configuration value with its variables resolved, or its key's default. */
export function setting(job: Job, name: string): string | undefined {
  return settingsOf(job.type, job.run.input.resolvedConfiguration)(name);
}

/** Where the console shows what this action did, or the revision that it found: a path on this server. */
export function executionLink(job: Job, externalExecutionId: string): string | undefined {
  const { region, resolvedConfiguration: configuration } = job.run.input;
  return linkPath(job.type.links?.execution, { region, configuration }, externalExecutionId);
}

/** One that validation made sure of; a variable can still have resolved to nothing. */
export function requiredSetting(job: Job, name: string): string {
  const value = setting(job, name);
  if (value) return value;
  throw new ActionFailure(
    'ConfigurationError',
    `The configuration '${name}' of action '${job.run.actionName}' is empty`,
  );
}

/** Under whose rights the action works. */
export const roleOf = ({ run, pipeline }: Pick<Job, 'run' | 'pipeline'>): string =>
  run.input.roleArn ?? pipeline.declaration.roleArn;

export function onlyInput(job: Job): Artifact {
  const [artifact] = job.run.input.inputArtifacts;
  if (artifact) return artifact;
  throw new ActionFailure(
    'ConfigurationError',
    `The input artifact of action '${job.run.actionName}' was not made by an earlier action`,
  );
}

export function onlyOutput(job: Job): ArtifactLocation {
  return job.run.outputArtifacts[0] as ArtifactLocation;
}

/** How artifacts are encrypted: with the store's key, or S3's own (CP-C35). */
export function storeEncryption(store: ArtifactStore) {
  return {
    ServerSideEncryption: 'aws:kms' as const,
    ...(store.encryptionKey && { SSEKMSKeyId: store.encryptionKey.id }),
  };
}
