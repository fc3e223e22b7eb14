import type { DeploymentConfigInfo, DeploymentGroupInfo, Tag } from '@aws-sdk/client-codedeploy';
import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { at, type CodeDeployTables, type Page, type Place, tables } from './tables.ts';

export interface Application {
  name: string;
  applicationId: string;
  platform: 'Server' | 'Lambda' | 'ECS';
  createdAt: number;
  tags: Tag[];
}

/** What GetDeploymentGroup answers, but for names and ids, which are columns; and what it does not answer. */
export interface GroupBody {
  info: Omit<DeploymentGroupInfo, 'applicationName' | 'deploymentGroupName' | 'deploymentGroupId'>;
  /** Key of the last successful revision. */
  targetKey?: string;
  tags: Tag[];
}

export interface Group extends GroupBody {
  applicationId: string;
  name: string;
  groupId: string;
}

export async function insertApplication(tx: Tx, place: Place, app: Application): Promise<void> {
  await tables(tx)
    .insertInto('codedeploy_application')
    .values({
      ...at(place),
      name: app.name,
      application_id: app.applicationId,
      platform: app.platform,
      created_at: app.createdAt,
      body: encodeJson({ tags: app.tags }),
    })
    .execute();
}

/** Applications by their names: those that there are. */
export async function findApplications(
  tx: Tx,
  place: Place,
  names: readonly string[],
): Promise<Map<string, Application>> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_application')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('name', 'in', names)
    .execute();
  return new Map(rows.map((row) => [row.name, applicationOf(row)]));
}

export async function findApplication(
  tx: Tx,
  place: Place,
  name: string,
): Promise<Application | undefined> {
  return (await findApplications(tx, place, [name])).get(name);
}

export async function findApplicationById(
  tx: Tx,
  applicationId: string,
): Promise<Application | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_application')
    .selectAll()
    .where('application_id', '=', applicationId)
    .executeTakeFirst();
  return row && applicationOf(row);
}

function applicationOf(row: CodeDeployTables['codedeploy_application']): Application {
  return {
    name: row.name,
    applicationId: row.application_id,
    platform: row.platform as Application['platform'],
    createdAt: row.created_at,
    tags: decodeJson<{ tags: Tag[] }>(row.body).tags,
  };
}

export async function listApplicationNames(tx: Tx, place: Place, page: Page): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_application')
    .select('name')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.name);
}

export async function updateApplicationTags(tx: Tx, app: Application): Promise<void> {
  await tables(tx)
    .updateTable('codedeploy_application')
    .set({ body: encodeJson({ tags: app.tags }) })
    .where('application_id', '=', app.applicationId)
    .execute();
}

/** Its groups, whatever they are called. */
export async function groupsOf(tx: Tx, applicationId: string): Promise<Group[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_group')
    .selectAll()
    .where('application_id', '=', applicationId)
    .execute();
  return rows.map(groupOf);
}

/** Gives an application another name, also in the history of its deployments. */
export async function renameApplication(tx: Tx, app: Application, name: string): Promise<void> {
  const { applicationId } = app;
  await tables(tx)
    .updateTable('codedeploy_application')
    .set({ name })
    .where('application_id', '=', applicationId)
    .execute();
  await tables(tx)
    .updateTable('codedeploy_deployment')
    .set({ application_name: name })
    .where('application_id', '=', applicationId)
    .execute();
}

/** Deletes an application with its groups, revisions and deployments (CD-AP-06). */
export async function deleteApplication(tx: Tx, applicationId: string): Promise<void> {
  const db = tables(tx);
  const deployments = db
    .selectFrom('codedeploy_deployment')
    .select('deployment_id')
    .where('application_id', '=', applicationId);
  const groups = db
    .selectFrom('codedeploy_group')
    .select('group_id')
    .where('application_id', '=', applicationId);
  await db
    .deleteFrom('codedeploy_lifecycle_event')
    .where('deployment_id', 'in', deployments)
    .execute();
  await db.deleteFrom('codedeploy_target').where('deployment_id', 'in', deployments).execute();
  await db
    .deleteFrom('codedeploy_deployment')
    .where('application_id', '=', applicationId)
    .execute();
  await db.deleteFrom('codedeploy_host').where('group_id', 'in', groups).execute();
  await db.deleteFrom('codedeploy_group').where('application_id', '=', applicationId).execute();
  await db.deleteFrom('codedeploy_revision').where('application_id', '=', applicationId).execute();
  await db
    .deleteFrom('codedeploy_application')
    .where('application_id', '=', applicationId)
    .execute();
}

export async function insertGroup(tx: Tx, place: Place, group: Group): Promise<void> {
  const { applicationId, name, groupId, ...body } = group;
  await tables(tx)
    .insertInto('codedeploy_group')
    .values({
      ...at(place),
      application_id: applicationId,
      name,
      group_id: groupId,
      body: encodeJson(body),
    })
    .execute();
}

/** Groups of an application by their names: those that there are. */
export async function findGroups(
  tx: Tx,
  applicationId: string,
  names: readonly string[],
): Promise<Map<string, Group>> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_group')
    .selectAll()
    .where('application_id', '=', applicationId)
    .where('name', 'in', names)
    .execute();
  return new Map(rows.map((row) => [row.name, groupOf(row)]));
}

export async function findGroup(
  tx: Tx,
  applicationId: string,
  name: string,
): Promise<Group | undefined> {
  return (await findGroups(tx, applicationId, [name])).get(name);
}

export async function findGroupById(tx: Tx, groupId: string): Promise<Group | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_group')
    .selectAll()
    .where('group_id', '=', groupId)
    .executeTakeFirst();
  return row && groupOf(row);
}

function groupOf(row: CodeDeployTables['codedeploy_group']): Group {
  return {
    applicationId: row.application_id,
    name: row.name,
    groupId: row.group_id,
    ...decodeJson<GroupBody>(row.body),
  };
}

export async function listGroupNames(tx: Tx, applicationId: string, page: Page): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_group')
    .select('name')
    .where('application_id', '=', applicationId)
    .where('name', '>', page.after ?? '')
    .orderBy('name')
    .limit(page.limit)
    .execute();
  return rows.map((row) => row.name);
}

/** Writes a group back by its id; a new name reaches the history of its deployments too. */
export async function updateGroup(tx: Tx, group: Group): Promise<void> {
  const { name, groupId, applicationId: _, ...body } = group;
  await tables(tx)
    .updateTable('codedeploy_group')
    .set({ name, body: encodeJson(body) })
    .where('group_id', '=', groupId)
    .execute();
  await tables(tx)
    .updateTable('codedeploy_deployment')
    .set({ group_name: name })
    .where('group_id', '=', groupId)
    .where('group_name', '!=', name)
    .execute();
}

export async function deleteGroup(tx: Tx, groupId: string): Promise<void> {
  await tables(tx).deleteFrom('codedeploy_host').where('group_id', '=', groupId).execute();
  await tables(tx).deleteFrom('codedeploy_group').where('group_id', '=', groupId).execute();
}

/** Groups of the account in this region, whatever their application. */
export async function listGroups(tx: Tx, place: Place): Promise<Group[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_group')
    .selectAll()
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .execute();
  return rows.map(groupOf);
}

export async function insertConfig(
  tx: Tx,
  place: Place,
  config: DeploymentConfigInfo,
): Promise<void> {
  await tables(tx)
    .insertInto('codedeploy_config')
    .values({
      ...at(place),
      name: config.deploymentConfigName ?? '',
      created_at: config.createTime?.getTime() ?? 0,
      body: encodeJson(config),
    })
    .execute();
}

export async function findCustomConfig(
  tx: Tx,
  place: Place,
  name: string,
): Promise<DeploymentConfigInfo | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_config')
    .select('body')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('name', '=', name)
    .executeTakeFirst();
  return row && decodeJson<DeploymentConfigInfo>(row.body);
}

export async function listCustomConfigNames(tx: Tx, place: Place): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_config')
    .select('name')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

export async function deleteConfig(tx: Tx, place: Place, name: string): Promise<void> {
  await tables(tx)
    .deleteFrom('codedeploy_config')
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region)
    .where('name', '=', name)
    .execute();
}
