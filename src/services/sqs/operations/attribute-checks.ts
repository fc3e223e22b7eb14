import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidAttribute, invalidParameter } from '../errors.ts';
import { MAX_POLICY_BYTES, MAX_POLICY_STATEMENTS } from '../limits.ts';
import { findByArn } from '../messages/dead-letters.ts';
import type { Attributes } from '../model/attributes.ts';
import { statementsOf } from '../model/policy.ts';
import { arnOf, type Queue } from '../model/queue.ts';
import { allowsSource, parseRedrivePolicy } from '../model/redrive.ts';

/** What attributes say of other things: who may use the queue, and where its dead letters go. @throws SQS's own errors */
export async function checkPolicies(
  ctx: ServiceContext,
  tx: Tx,
  queue: Queue,
  given: Attributes,
): Promise<void> {
  if (given.Policy) checkPolicy(ctx, given.Policy);
  if (given.RedrivePolicy) await checkRedrive(tx, queue, given.RedrivePolicy);
}

export function checkPolicy({ authorizer }: ServiceContext, policy: string): void {
  if (Buffer.byteLength(policy) > MAX_POLICY_BYTES) throw invalidAttribute('Policy');
  if (authorizer.faultOf(policy, 'resource') !== undefined) throw invalidAttribute('Policy');
  if (statementsOf(policy).length > MAX_POLICY_STATEMENTS) throw invalidAttribute('Policy');
}

/** Dead letters stay in account, region and kind. */
async function checkRedrive(tx: Tx, queue: Queue, text: string): Promise<void> {
  const refuse = (reason: string) => invalidParameter(text, 'RedrivePolicy', reason);
  const { deadLetterTargetArn } = parseRedrivePolicy(text);
  const target = await findByArn(tx, deadLetterTargetArn);
  if (!target) throw refuse('Dead letter target does not exist.');
  if (target.accountId !== queue.accountId || target.region !== queue.region)
    throw refuse('Dead-letter queue must be in the same account and region as the source.');
  if (target.settings.fifo !== queue.settings.fifo)
    throw refuse('Dead-letter queue must be same type of queue as the source.');
  if (!allowsSource(target.attributes.RedriveAllowPolicy, arnOf(queue)))
    throw refuse('Dead-letter queue does not allow this queue as a source.');
}
