import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import type { StoredHost } from '../model/healthy-hosts.ts';
import type { InstanceTag } from '../model/tag-filters.ts';
import { at, type CodeDeployTables, type Page, type Place, tables } from './tables.ts';

interface InstanceBody {
  /** Random end of the instance's ARN. */
  suffix: string;
  /** Which of the two kinds `iamArn` is. */
  kind: 'user' | 'session';
}

/** An on-premises instance. Times are epoch milliseconds. */
export interface Instance extends InstanceBody {
  name: string;
  iamArn: string;
  registered: boolean;
  registeredAt: number;
  deregisteredAt?: number;
}

/** Registers, or registers again under the same name. */
export async function putInstance(tx: Tx, place: Place, instance: Instance): Promise<void> {
  const { suffix, kind } = instance;
  const set = {
    iam_arn: instance.iamArn,
    registered: instance.registered ? 1 : 0,
    registered_at: instance.registeredAt,
    deregistered_at: instance.deregisteredAt ?? null,
    body: encodeJson({ suffix, kind } satisfies InstanceBody),
  };
  await tables(tx)
    .insertInto('codedeploy_instance')
    .values({ ...at(place), name: instance.name, ...set })
    .onConflict((c) => c.columns(['account_id', 'region', 'name']).doUpdateSet(set))
    .execute();
}

export async function findInstance(
  tx: Tx,
  place: Place,
  name: string,
): Promise<Instance | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_instance')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && instanceOf(row);
}

/** The registered instance of this IAM user or session. */
export async function findRegistered(
  tx: Tx,
  place: Place,
  iamArn: string,
): Promise<Instance | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_instance')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('iam_arn', '=', iamArn)
    .where('registered', '=', 1)
    .executeTakeFirst();
  return row && instanceOf(row);
}

function instanceOf(row: CodeDeployTables['codedeploy_instance']): Instance {
  return {
    name: row.name,
    iamArn: row.iam_arn,
    registered: row.registered === 1,
    registeredAt: row.registered_at,
    ...(row.deregistered_at !== null && { deregisteredAt: row.deregistered_at }),
    ...decodeJson<InstanceBody>(row.body),
  };
}

/** Instances in the order of their names. */
export async function listInstances(
  tx: Tx,
  place: Place,
  filter: { registered?: boolean; page?: Page } = {},
): Promise<Instance[]> {
  let query = tables(tx)
    .selectFrom('codedeploy_instance')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .orderBy('name');
  if (filter.registered !== undefined)
    query = query.where('registered', '=', filter.registered ? 1 : 0);
  if (filter.page)
    query = query.where('name', '>', filter.page.after ?? '').limit(filter.page.limit);
  return (await query.execute()).map(instanceOf);
}

/** Tags by instance name. */
export async function tagsOf(
  tx: Tx,
  place: Place,
  names?: string[],
): Promise<Map<string, InstanceTag[]>> {
  let query = tables(tx)
    .selectFrom('codedeploy_instance_tag')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .orderBy('tag_key');
  if (names) query = query.where('instance', 'in', names);
  const tags = new Map<string, InstanceTag[]>();
  for (const row of await query.execute()) {
    const list = tags.get(row.instance) ?? [];
    list.push({ key: row.tag_key, value: row.tag_value });
    tags.set(row.instance, list);
  }
  return tags;
}

export async function putTag(
  tx: Tx,
  place: Place,
  instance: string,
  tag: InstanceTag,
): Promise<void> {
  await tables(tx)
    .insertInto('codedeploy_instance_tag')
    .values({ ...at(place), instance, tag_key: tag.key, tag_value: tag.value })
    .onConflict((c) =>
      c
        .columns(['account_id', 'region', 'instance', 'tag_key'])
        .doUpdateSet({ tag_value: tag.value }),
    )
    .execute();
}

/** Removes a tag whose key and value both match. */
export async function removeTag(
  tx: Tx,
  place: Place,
  instance: string,
  tag: InstanceTag,
): Promise<void> {
  await tables(tx)
    .deleteFrom('codedeploy_instance_tag')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('instance', '=', instance)
    .where('tag_key', '=', tag.key)
    .where('tag_value', '=', tag.value)
    .execute();
}

/** What a group knows of its hosts, by instance name. */
export async function hostsOf(tx: Tx, groupId: string): Promise<Map<string, StoredHost>> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_host')
    .selectAll()
    .where('group_id', '=', groupId)
    .execute();
  return new Map(
    rows.map((row) => [
      row.instance,
      {
        name: row.instance,
        health: row.health as StoredHost['health'],
        revision: row.revision_key,
      },
    ]),
  );
}

export async function putHost(
  tx: Tx,
  place: Place,
  groupId: string,
  host: StoredHost,
): Promise<void> {
  const set = { health: host.health, revision_key: host.revision };
  await tables(tx)
    .insertInto('codedeploy_host')
    .values({ ...at(place), group_id: groupId, instance: host.name, ...set })
    .onConflict((c) => c.columns(['account_id', 'region', 'group_id', 'instance']).doUpdateSet(set))
    .execute();
}
