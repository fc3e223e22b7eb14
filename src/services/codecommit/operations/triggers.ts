import { randomUUID } from 'node:crypto';
import type { RepositoryTrigger } from '@aws-sdk/client-codecommit';
import { parseArn } from '../../../aws/arn.ts';
import { isFunction } from '../../../kit/delivery/function.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  invalidTriggerBranchName,
  invalidTriggerCustomData,
  invalidTriggerDestinationArn,
  invalidTriggerEvents,
  invalidTriggerName,
  invalidTriggerRegion,
  maximumTriggerBranchesExceeded,
  maximumTriggersExceeded,
  triggerBranchNameListRequired,
  triggerDestinationArnRequired,
  triggerEventsListRequired,
  triggerNameRequired,
  triggersListRequired,
} from '../errors.ts';
import { deliver } from '../history/deliver.ts';
import { limits } from '../limits.ts';
import { isBranchName } from '../model/names.ts';
import { documentOf, subjectOf, TRIGGER_EVENTS } from '../model/triggers.ts';
import { atRepository, openRepository, repository } from '../resources/repository.ts';
import { findTriggers, saveTriggers } from '../store/triggers.ts';
import { codecommit } from './declare.ts';

/** CC-TR-01 */
export const getRepositoryTriggers = codecommit(
  'getRepositoryTriggers',
  atRepository,
  async (ctx, _input, located) => {
    const { repositoryId } = await need(ctx.db, repository, located);
    const found = await findTriggers(ctx.db, repositoryId);
    return {
      configurationId: found?.configurationId ?? repositoryId,
      triggers: found?.triggers ?? [],
    };
  },
);

/** CC-TR-02: all of them at once. */
export const putRepositoryTriggers = codecommit(
  'putRepositoryTriggers',
  atRepository,
  async (ctx, input, located) => {
    const triggers = checkTriggers(ctx, input.triggers);
    const configurationId = randomUUID();
    await ctx.transaction(async (tx) => {
      const { repositoryId } = await need(tx, repository, located);
      await saveTriggers(tx, repositoryId, { configurationId, triggers });
    });
    return { configurationId };
  },
);

const NO_COMMIT = '0'.repeat(40);

/** CC-TR-03: really tells them, of the last commit, and keeps nothing. */
export const testRepositoryTriggers = codecommit(
  'testRepositoryTriggers',
  atRepository,
  async (ctx, input, located) => {
    const triggers = checkTriggers(ctx, input.triggers);
    const { record, git } = await openRepository(ctx, located);
    const ref = `refs/heads/${record.defaultBranch ?? 'main'}`;
    const [last] = await git.references([ref]);
    const references = [{ commit: last?.id ?? NO_COMMIT, ref }];
    const successfulExecutions: string[] = [];
    const failedExecutions: { trigger: string; failureMessage: string }[] = [];
    for (const trigger of triggers) {
      const { name = '', destinationArn = '' } = trigger;
      const document = documentOf(trigger, {
        ...{ repository: record, configurationId: record.repositoryId, eventId: randomUUID() },
        ...{ eventName: 'TriggerEventTest', references, at: ctx.clock.now() },
        userArn: ctx.principal.arn,
      });
      const told = { repositoryArn: record.arn, message: JSON.stringify(document) };
      const failure = await deliver(ctx, { destinationArn, subject: subjectOf(record), ...told });
      if (failure) failedExecutions.push({ trigger: name, failureMessage: failure.message });
      else successfulExecutions.push(name);
    }
    return { successfulExecutions, failedExecutions };
  },
);

function checkTriggers(
  ctx: ServiceContext,
  triggers: RepositoryTrigger[] | undefined,
): RepositoryTrigger[] {
  if (!triggers) throw triggersListRequired();
  if (triggers.length > limits.triggers) throw maximumTriggersExceeded();
  for (const trigger of triggers) checkTrigger(ctx, trigger);
  if (new Set(triggers.map(({ name }) => name)).size < triggers.length) throw invalidTriggerName();
  return triggers;
}

const NAME = /^[A-Za-z0-9._-]{1,100}$/;

/** CC-LIM-07, CC-TRG-01 */
function checkTrigger(
  ctx: ServiceContext,
  { name, destinationArn, customData = '', branches, events }: RepositoryTrigger,
): void {
  if (!name) throw triggerNameRequired();
  if (!NAME.test(name)) throw invalidTriggerName();
  if (!destinationArn) throw triggerDestinationArnRequired();
  checkDestination(ctx, destinationArn);
  if (customData.length > limits.triggerCustomData) throw invalidTriggerCustomData();
  if (!branches) throw triggerBranchNameListRequired();
  if (branches.length > limits.triggerBranches) throw maximumTriggerBranchesExceeded();
  if (!branches.every(isBranchName)) throw invalidTriggerBranchName();
  if (!events?.length) throw triggerEventsListRequired();
  const isOdd = !events.every((event) => TRIGGER_EVENTS.has(event));
  if (isOdd || (events.includes('all') && events.length > 1)) throw invalidTriggerEvents();
}

/** Topics that keep no order, and functions. */
function checkDestination({ region }: ServiceContext, text: string): void {
  const arn = parseArn(text);
  const isTopic = arn?.service === 'sns' && /^[A-Za-z0-9_-]{1,256}$/.test(arn.resource);
  if (!arn || !(isTopic || isFunction(arn))) throw invalidTriggerDestinationArn();
  if (arn.region !== region) throw invalidTriggerRegion();
}
