import type { Tx } from '../../../db/database.ts';
import type { Events } from '../../../engine/events.ts';
import type { CloudTrailEvent, StoredEvent } from '../model/event.ts';
import type { Owner } from '../store/chunks.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html */
const API_CALL = 'AWS API Call via CloudTrail';
const SIGN_IN = 'AWS Console Sign In via CloudTrail';

/**
 * Tells EventBridge of calls, where a rule may want to hear of any: else none is even read.
 * @param lines a StoredEvent each, in JSON
 */
export async function tellOfCalls(
  tx: Tx,
  events: Pick<Events, 'publish' | 'mayWant'>,
  { accountId, region }: Owner,
  lines: readonly string[],
): Promise<void> {
  const place = { account: accountId, region };
  const wanted = new Set<string>();
  for (const type of [API_CALL, SIGN_IN])
    if (await events.mayWant(tx, { ...place, 'detail-type': type })) wanted.add(type);
  if (wanted.size === 0) return;
  for (const line of lines) {
    const { event } = JSON.parse(line) as StoredEvent;
    const signIn = event.eventType === 'AwsConsoleSignIn';
    const type = signIn ? SIGN_IN : API_CALL;
    if (!wanted.has(type) || isOfEventBridge(event)) continue;
    const [service] = event.eventSource.split('.');
    const detail = event as unknown as Record<string, unknown>;
    const named = { 'detail-type': type, source: `aws.${service}`, resources: [] };
    await events.publish(tx, { ...named, ...place, detail });
  }
}

/** What a rule has done: a rule on that would never come to an end. */
function isOfEventBridge({ sourceIPAddress }: CloudTrailEvent): boolean {
  return sourceIPAddress === 'events.amazonaws.com';
}
