import type { ClientClass } from '../../../kit/service.ts';
import type { ArtifactStore } from '../model/declaration.ts';
import type { Outcome } from '../model/outcome.ts';
import type { ActionRun, Artifact, ArtifactLocation, PipelineState } from '../model/state.ts';
import { ActionFailure } from './failure.ts';

/** One action execution as its provider sees it. All of it was committed before the provider is called. */
export interface Job {
  pipeline: PipelineState;
  run: ActionRun;
  /** Where the artifacts live. */
  store: ArtifactStore;
  /** True when the work may have been started before: the server went down, or a try failed half-way. */
  again: boolean;
  /** A client that acts under the action's role. */
  client<T extends { destroy(): void }>(Client: ClientClass<T>): T;
}

/** The reason of a provider's signal where the action has ended, and not only the server stops: its work is to end too. */
export class ActionEndedError extends Error {
  override name = 'AbortError';
}

/**
 * Who does an action's work. `start` is called until it has answered and the answer is committed, so it may be
 * called twice for one action execution and must then find what it did before: `run.actionExecutionId` is
 * the idempotency token. A provider whose work goes on (`running`) names it by `externalExecutionId`;
 * `look` is called when an event says that it has ended, and now and then to be sure.
 * Throwing an ActionFailure, or an error of an AWS call that is the caller's fault, fails the action;
 * anything else is tried again.
 */
export interface Provider {
  /** The provider cannot recognise a second start by a token: a mark is committed before the first. */
  marksStart?: boolean;
  start(job: Job, signal: AbortSignal): Promise<Outcome>;
  look?(job: Job, signal: AbortSignal): Promise<Outcome>;
}

/** A configuration value with its variables resolved. */
export function setting(job: Job, name: string): string | undefined {
  return job.run.input.resolvedConfiguration[name];
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
