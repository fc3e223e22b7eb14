import { attributesOf, type LookupKey, resourcesOf, type StoredEvent } from './event.ts';
import { timeOf } from './event-id.ts';

/** What a caller looks for. */
export interface Lookup {
  /** Epoch milliseconds, both included. */
  from: number;
  to: number;
  attribute?: { key: LookupKey; value: string };
}

/** Narrows the time to that of the one event, where its id is asked for; undefined where no event can be it. */
export function withinTime({ from, to, attribute }: Lookup): [number, number] | undefined {
  if (attribute?.key !== 'EventId') return from <= to ? [from, to] : undefined;
  const at = timeOf(attribute.value);
  return at !== undefined && at >= from && at <= to ? [at, at] : undefined;
}

/** Is it one of those that the caller looks for? */
export function matches({ attribute }: Lookup, stored: StoredEvent): boolean {
  if (!attribute) return true;
  const { key, value } = attribute;
  if (key === 'EventId') return stored.id === value;
  return attributesOf(stored).some(([name, its]) => name === key && its === value);
}

/** The event as LookupEvents answers it. */
export function shown({ id, user, event }: StoredEvent) {
  const { accessKeyId } = event.userIdentity;
  return {
    EventId: id,
    EventName: event.eventName,
    ReadOnly: String(event.readOnly),
    ...(accessKeyId !== undefined && { AccessKeyId: accessKeyId }),
    EventTime: new Date(event.eventTime),
    EventSource: event.eventSource,
    ...(user !== undefined && { Username: user }),
    Resources: resourcesOf(event),
    CloudTrailEvent: JSON.stringify(event),
  };
}
