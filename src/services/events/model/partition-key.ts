import type { BusEvent } from './event.ts';
import { valueAt } from './json-path.ts';
import type { RuleTarget } from './rule.ts';

/** https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html */
const MAX_CHARACTERS = 256;

/** What a record is sorted into shards by: what the target says of the event, or the event's id. */
export function partitionKey(
  { KinesisParameters: parameters }: Pick<RuleTarget, 'KinesisParameters'>,
  event: BusEvent,
): string {
  const path = parameters?.PartitionKeyPath;
  const value = path === undefined ? undefined : valueAt(event, path);
  if (value === undefined || value === null || value === '') return event.id;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.slice(0, MAX_CHARACTERS);
}
