import type { Db, Tx } from '../../../db/database.ts';
import type { NewEvent } from '../../../engine/events.ts';
import { findEventType } from '../model/event-types.ts';
import type { NotificationRule } from '../model/rule.ts';
import { resourceOf } from '../model/source-resource.ts';
import { findRevision, listRules } from '../store/rules.ts';
import type { Owner } from '../store/tables.ts';

/** Rules by the ARN that they listen to. */
type Listening = Map<string, NotificationRule[]>;

/** Revisions whose rules are kept in memory. */
const MAX_KNOWN = 200;

/** By revision, which says all: a change makes another one. The one that was asked for last is at the end. */
const known = new Map<string, Listening>();

/** Reads one row where nothing has changed. */
async function listeningTo(
  db: Db | Tx,
  owner: Owner,
  resource: string,
): Promise<readonly NotificationRule[]> {
  const revision = await findRevision(db, owner);
  if (revision === undefined) return [];
  const all = known.get(revision) ?? Map.groupBy(await listRules(db, owner), (r) => r.resource);
  known.delete(revision);
  known.set(revision, all);
  if (known.size > MAX_KNOWN) known.delete(known.keys().next().value ?? '');
  return all.get(resource) ?? [];
}

/** The rules that tell somebody of the event. */
export async function rulesWanting(db: Db | Tx, event: NewEvent): Promise<NotificationRule[]> {
  const resource = resourceOf(event);
  if (resource === undefined) return [];
  const owner = { accountId: event.account, region: event.region };
  return (await listeningTo(db, owner, resource)).filter(
    ({ status, targets, eventTypeIds }) =>
      status === 'ENABLED' &&
      targets.length > 0 &&
      eventTypeIds.some((id) => findEventType(id)?.matches(event)),
  );
}
