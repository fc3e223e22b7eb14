import { isEventId } from './event-id.ts';

/** What `@ptr` says: an event of a group. */
export interface Pointer {
  groupId: string;
  eventId: string;
}

/** As text, which means nothing to anybody else. */
export function pointerTo({ groupId, eventId }: Pointer): string {
  return Buffer.from(`${groupId}/${eventId}`).toString('base64url');
}

/** Undefined for what is no pointer. */
export function readPointer(text: string): Pointer | undefined {
  const [groupId = '', eventId = ''] = Buffer.from(text, 'base64url').toString().split('/');
  return groupId !== '' && isEventId(eventId) ? { groupId, eventId } : undefined;
}
