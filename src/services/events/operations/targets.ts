import { type Arn, parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { need } from '../../../kit/resource.ts';
import { kindOf } from '../delivery/targets/index.ts';
import { invalid, limitExceeded } from '../errors.ts';
import { MAX_TARGETS_PER_RULE } from '../limits.ts';
import { faultOfInput } from '../model/input.ts';
import { parsePath } from '../model/json-path.ts';
import type { RuleTarget, Target } from '../model/rule.ts';
import { atItsRule, type LocatedRule, onItsRule, rule } from '../resources/rule.ts';
import { deleteTargets, listTargets, saveTargets } from '../store/targets.ts';
import { events } from './declare.ts';
import { paginate } from './pages.ts';
import { takeRole } from './role.ts';

/** Parameters of kinds of targets that are not served. */
const FOREIGN = [
  ...['RunCommandParameters', 'EcsParameters', 'BatchParameters', 'RedshiftDataParameters'],
  ...['SageMakerPipelineParameters', 'AppSyncParameters'],
] as const;

export const putTargets = events('putTargets', atItsRule, async (ctx, input, located) => {
  const targets = (input.Targets ?? []).map((target) => checked(target, located));
  await need(ctx.db, rule, located);
  for (const roleArn of new Set(targets.flatMap(({ RoleArn }) => RoleArn ?? [])))
    await takeRole(ctx, roleArn, located.arn);
  return ctx.transaction(async (tx) => {
    await need(tx, rule, located);
    const known = (await listTargets(tx, located)).map(({ Id }) => Id);
    const all = new Set([...known, ...targets.map(({ Id }) => Id)]);
    if (all.size > MAX_TARGETS_PER_RULE)
      throw limitExceeded('The requested resource exceeds the maximum number allowed.');
    await saveTargets(tx, located, targets);
    return { FailedEntryCount: 0, FailedEntries: [] };
  });
});

/** @throws ValidationException, and NotImplemented for targets that are not served */
function checked(target: Target, located: LocatedRule): RuleTarget {
  const { Id = '', Arn = '', RoleArn, DeadLetterConfig: dead } = target;
  const arn = parseArn(Arn);
  if (!arn)
    throw invalid(`Parameter ${Arn} is not valid. Reason: Provided Arn is not in correct format.`);
  for (const member of FOREIGN)
    if (target[member] !== undefined) throw unsupported(`${member} of targets of rules`);
  const kind = kindOf(arn);
  if (!kind) throw unsupported(`targets of rules such as ${arn.service}`);
  if (kind.needsRole && RoleArn === undefined)
    throw invalid(`RoleArn is required for target ${Arn}.`);
  const fault = faultOfInput(target) ?? faultOfBus(arn, target, located) ?? faultOfKey(arn, target);
  if (fault !== undefined) throw invalid(fault);
  if (dead?.Arn !== undefined && parseArn(dead.Arn)?.service !== 'sqs')
    throw invalid(
      `Parameter ${dead.Arn} is not valid. Reason: A dead-letter queue is an SQS queue.`,
    );
  return { ...target, Id, Arn };
}

/** Buses get events as they are; one of another account lets roles in. */
function faultOfBus(arn: Arn, target: Target, located: LocatedRule): string | undefined {
  const { Id, Arn: text, Input, InputPath, InputTransformer, RoleArn } = target;
  const isBus = arn.service === 'events' && arn.resource.startsWith('event-bus/');
  if (!isBus) {
    if (arn.region === '' || arn.region === located.region) return undefined;
    return `Parameter ${text} is not valid. Reason: Target must be in the same region as the rule.`;
  }
  if (Input !== undefined || InputPath !== undefined || InputTransformer)
    return `Input, InputPath and InputTransformer are not for event buses such as target ${Id}.`;
  return arn.accountId === located.accountId || RoleArn !== undefined
    ? undefined
    : `RoleArn is required for target ${text}.`;
}

/** Only streams are told by what to sort. */
function faultOfKey({ service }: Arn, { Id, KinesisParameters }: Target): string | undefined {
  if (!KinesisParameters) return undefined;
  if (service !== 'kinesis') return `KinesisParameters is not for targets such as ${Id}.`;
  const { PartitionKeyPath: path = '' } = KinesisParameters;
  return parsePath(path) ? undefined : `Invalid PartitionKeyPath ${path} for target ${Id}.`;
}

export const removeTargets = events('removeTargets', atItsRule, async (ctx, input, located) => {
  const ids = input.Ids ?? [];
  return ctx.transaction(async (tx) => {
    await need(tx, rule, located);
    const known = new Set((await listTargets(tx, located)).map(({ Id }) => Id));
    await deleteTargets(
      tx,
      located,
      ids.filter((id) => known.has(id)),
    );
    const FailedEntries = ids.filter((id) => !known.has(id)).map(missing);
    return { FailedEntryCount: FailedEntries.length, FailedEntries };
  });
});

const missing = (TargetId: string) => ({
  TargetId,
  ErrorCode: 'ResourceNotFoundException',
  ErrorMessage: `Target with id ${TargetId} does not exist.`,
});

export const listTargetsByRule = events(
  'listTargetsByRule',
  onItsRule,
  async (ctx, input, found) => {
    const targets = await listTargets(ctx.db, found);
    const { items, next } = paginate(ctx, input, targets, ({ Id }) => Id);
    return { Targets: items, ...next };
  },
);
