import type { RevisionLocation } from '@aws-sdk/client-codedeploy';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { revisionKey } from '../model/revision.ts';
import { at, type CodeDeployTables, type Place, tables } from './tables.ts';

interface RevisionBody {
  location: RevisionLocation;
  description?: string;
}

/** A registered revision. Times are epoch milliseconds. */
export interface Revision extends RevisionBody {
  registeredAt: number;
  firstUsedAt?: number;
  lastUsedAt?: number;
}

/** Registers a revision, or replaces its description and time (CD-RV-01). */
export async function registerRevision(
  tx: Tx,
  place: Place,
  applicationId: string,
  revision: RevisionBody & { registeredAt: number },
): Promise<void> {
  const { location, description, registeredAt } = revision;
  const set = { registered_at: registeredAt, body: encodeJson({ location, description }) };
  await tables(tx)
    .insertInto('codedeploy_revision')
    .values({
      ...at(place),
      application_id: applicationId,
      revision_key: revisionKey(location),
      first_used_at: null,
      last_used_at: null,
      ...set,
    })
    .onConflict((c) =>
      c.columns(['account_id', 'region', 'application_id', 'revision_key']).doUpdateSet(set),
    )
    .execute();
}

/** Notes that a revision is deployed; registers it when it is not yet (CD-REV-05). */
export async function useRevision(
  tx: Tx,
  place: Place,
  applicationId: string,
  location: RevisionLocation,
  by: { deploymentId: string; now: number },
): Promise<void> {
  const { deploymentId, now } = by;
  const known = await findRevision(tx, applicationId, location);
  if (!known) {
    const description = `Application revision registered by Deployment ID: ${deploymentId}`;
    await registerRevision(tx, place, applicationId, { location, description, registeredAt: now });
  }
  await tables(tx)
    .updateTable('codedeploy_revision')
    .set({ first_used_at: known?.firstUsedAt ?? now, last_used_at: now })
    .where('application_id', '=', applicationId)
    .where('revision_key', '=', revisionKey(location))
    .execute();
}

export async function findRevision(
  tx: Tx,
  applicationId: string,
  location: RevisionLocation,
): Promise<Revision | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_revision')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('revision_key', '=', revisionKey(location))
    .executeTakeFirst();
  return row && revisionOf(row);
}

/** Every revision of an application, in the order in which they were registered. */
export async function listRevisions(tx: Tx, applicationId: string): Promise<Revision[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_revision')
    .selectAll()
    .where('application_id', '=', applicationId)
    .orderBy('registered_at')
    .orderBy('revision_key')
    .execute();
  return rows.map(revisionOf);
}

function revisionOf(row: CodeDeployTables['codedeploy_revision']): Revision {
  return {
    ...decodeJson<RevisionBody>(row.body),
    registeredAt: row.registered_at,
    ...(row.first_used_at !== null && { firstUsedAt: row.first_used_at }),
    ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  };
}
