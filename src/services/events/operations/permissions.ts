import type { PutPermissionCommandInput } from '@aws-sdk/client-eventbridge';
import { at, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, noSuchStatement, policyTooLong } from '../errors.ts';
import { MAX_POLICY_BYTES } from '../limits.ts';
import { withoutStatement, withStatement } from '../model/policy.ts';
import { bus } from '../resources/bus.ts';
import { saveBus } from '../store/buses.ts';
import { events } from './declare.ts';

const atBus = at(bus, (input: { EventBusName?: string | undefined }) => input.EventBusName);

export const putPermission = events('putPermission', atBus, async (ctx, input, located) => {
  checkGiven(input);
  return ctx.transaction(async (tx) => {
    const found = await need(tx, bus, located);
    const policy = input.Policy ?? withStatement(found.policy, found.arn, input);
    checkPolicy(ctx, policy);
    await saveBus(tx, { ...found, policy, modifiedAt: ctx.clock.now() });
    return {};
  });
});

/** Either a whole policy or one statement's parts. */
function checkGiven({
  Policy,
  Action,
  Principal,
  StatementId,
  Condition,
}: PutPermissionCommandInput) {
  const parts = [Action, Principal, StatementId, Condition];
  if (Policy !== undefined) {
    if (parts.some((part) => part !== undefined))
      throw invalid('Parameter Policy must not be specified with other parameters.');
    return;
  }
  if (Action === undefined || Principal === undefined || StatementId === undefined)
    throw invalid('Parameters Action, Principal and StatementId, or Policy, must be specified.');
  if (Action !== 'events:PutEvents')
    throw invalid('Provided value in parameter "action" is not supported.');
  if (Principal !== '*' && !/^\d{12}$/.test(Principal))
    throw invalid("Provided value in parameter 'principal' is not valid.");
}

function checkPolicy(ctx: ServiceContext, policy: string): void {
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES) throw policyTooLong();
  const fault = ctx.authorizer.faultOf(policy, 'resource');
  if (fault !== undefined) throw invalid(`Parameter Policy is not valid. Reason: ${fault}`);
}

export const removePermission = events('removePermission', atBus, async (ctx, input, located) =>
  ctx.transaction(async (tx) => {
    const { policy, ...found } = await need(tx, bus, located);
    const left = input.RemoveAllPermissions ? '' : without(policy, input.StatementId);
    const modifiedAt = ctx.clock.now();
    await saveBus(tx, { ...found, modifiedAt, ...(left !== '' && { policy: left }) });
    return {};
  }),
);

function without(policy: string | undefined, id: string | undefined): string {
  const left = policy === undefined ? undefined : withoutStatement(policy, id);
  if (left === undefined) throw noSuchStatement();
  return left;
}
