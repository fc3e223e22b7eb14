import type { Db, Tx } from '../../../db/database.ts';
import type { NewEvent } from '../../../engine/events.ts';
import { remembered } from '../../../kit/revisions.ts';
import { findEventType } from '../model/event-types.ts';
import type { NotificationRule } from '../model/rule.ts';
import { resourceOf } from '../model/source-resource.ts';
import { revisions } from '../store/revisions.ts';
import { listRules } from '../store/rules.ts';
import type { Owner } from '../store/tables.ts';

/** Rules by the ARN that they listen to. */
const listening = remembered(revisions, async (db, owner: Owner) =>
  Map.groupBy(await listRules(db, owner), ({ resource }) => resource),
);

/** Reads one row where nothing has changed. */
async function listeningTo(
  db: Db | Tx,
  owner: Owner,
  resource: string,
): Promise<readonly NotificationRule[]> {
  return (await listening(db, owner))?.get(resource) ?? [];
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
