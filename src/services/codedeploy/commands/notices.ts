import { EventEmitter } from 'node:events';
import type { Place } from '../store/tables.ts';

/**
 * Tells long polls in this process that a host may have a command, after the commit that offered it. Polls
 * also look into the database, so nothing depends on a notice: another server may have made the command.
 */
const notices = new EventEmitter().setMaxListeners(0);

const topic = (place: Place, instance: string) => `${place.accountId}/${place.region}/${instance}`;

export function tellHosts(place: Place, instances: string[]): void {
  for (const instance of instances) notices.emit(topic(place, instance));
}

/** Calls `wake` at each notice for a host until the returned function is called. */
export function onNotice(place: Place, instance: string, wake: () => void): () => void {
  const name = topic(place, instance);
  notices.on(name, wake);
  return () => notices.off(name, wake);
}
