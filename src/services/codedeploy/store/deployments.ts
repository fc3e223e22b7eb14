import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  BlueGreenDeploymentConfiguration,
  DeploymentCreator,
  DeploymentInfo,
  ErrorInformation,
  LoadBalancerInfo,
  MinimumHealthyHosts,
  RevisionLocation,
  RollbackInfo,
  TargetInstances,
  ZonalConfig,
} from '@aws-sdk/client-codedeploy';
import { behind } from '../../../db/behind.ts';
import type { Tx } from '../../../db/database.ts';
import { defineDocument } from '../../../db/document.ts';
import type { Reroute } from '../model/blue-green.ts';
import {
  type DeploymentState,
  type Ending,
  isTerminal,
  type Snapshot,
  type Trouble,
} from '../model/deployment-state.ts';
import type { Fleet } from '../model/fleet.ts';
import type { HookKind } from './hooks.ts';
import { at, type CodeDeployTables, type Place, tables } from './tables.ts';

export interface DeploymentBody {
  revision: RevisionLocation;
  previousRevision?: RevisionLocation;
  deploymentConfigName: string;
  minimumHealthyHosts: MinimumHealthyHosts;
  serviceRoleArn: string;
  creator: DeploymentCreator;
  description?: string;
  ignoreApplicationStopFailures: boolean;
  updateOutdatedInstancesOnly: boolean;
  fileExistsBehavior: 'DISALLOW' | 'OVERWRITE' | 'RETAIN';
  autoRollbackConfiguration?: AutoRollbackConfiguration;
  deploymentStyle: DeploymentInfo['deploymentStyle'];
  startedAt?: number;
  completedAt?: number;
  errorInformation?: ErrorInformation;
  rollbackInfo?: RollbackInfo;
  stop?: { rollback?: boolean };
  ending?: Ending;
  role?: Snapshot['role'];
  askedAt?: number;
  /** Ids of the EC2 instances that the group chose when its role was asked for, or why it could choose none. */
  ec2Instances?: string[];
  ec2Refusal?: string;
  /** The alarms that count: of the deployment itself, or of its group when it was made. */
  alarmConfiguration?: AlarmConfiguration;
  /** What CreateDeployment asked for. */
  overrideAlarmConfiguration?: AlarmConfiguration;
  alarms?: Snapshot['alarms'];
  /** Of a deployment to Lambda or ECS. */
  shift?: Snapshot['shift'];
  /** Of its group when it was made. */
  loadBalancerInfo?: LoadBalancerInfo;
  blueGreenDeploymentConfiguration?: BlueGreenDeploymentConfiguration;
  /** The replacement instances of a blue/green deployment that CreateDeployment names, and their ids once its role was asked for. */
  targetInstances?: TargetInstances;
  greenInstances?: string[];
  /** What a rollback of a blue/green deployment gives its traffic back to, and takes it from. */
  takesBack?: { blue: string[]; green: string[] };
  /** How far a blue/green deployment has shifted its traffic. */
  reroute?: Reroute;
  /** Why the group's load balancers cannot be used. */
  trafficTrouble?: Snapshot['trafficTrouble'];
  zonalConfig?: ZonalConfig;
  /** It is to these EC2 instances alone, whatever the group chooses. */
  instances?: string[];
  /** A lifecycle hook holds its instance until it ends: one that comes, or one that goes. */
  held?: HookKind;
  /** It brings up to date what came during that deployment; and those that did so after this one. */
  updateOf?: string;
  updatedBy?: string[];
  /** Why the group's Auto Scaling groups cannot be used. */
  scalingTrouble?: Trouble;
  /** The copy of an Auto Scaling group that it makes, or gives up. */
  fleet?: Fleet;
  /** Availability zones of its EC2 instances, by id. */
  zones?: Record<string, string>;
}

/** A blue/green deployment of servers. */
export const isBlueGreen = ({
  deploymentStyle,
  shift,
}: Pick<DeploymentBody, 'deploymentStyle' | 'shift'>) =>
  deploymentStyle?.deploymentType === 'BLUE_GREEN' && !shift;

export const hasTrafficControl = ({ deploymentStyle }: Pick<DeploymentBody, 'deploymentStyle'>) =>
  deploymentStyle?.deploymentOption === 'WITH_TRAFFIC_CONTROL';

/** What decisions are made from: a release that needs another form brings the upgrade from the form before. */
const DEPLOYMENT = defineDocument<DeploymentBody>();

export interface Deployment extends DeploymentBody {
  deploymentId: string;
  applicationId: string;
  applicationName: string;
  groupId: string;
  groupName: string;
  status: DeploymentState;
  createdAt: number;
}

export async function insertDeployment(
  tx: Tx,
  place: Place,
  deployment: Deployment,
): Promise<void> {
  await tables(tx)
    .insertInto('codedeploy_deployment')
    .values({ ...at(place), ...rowOf(deployment) })
    .execute();
}

export async function updateDeployment(tx: Tx, deployment: Deployment): Promise<void> {
  await tables(tx)
    .updateTable('codedeploy_deployment')
    .set(rowOf(deployment))
    .where('deployment_id', '=', deployment.deploymentId)
    .execute();
}

function rowOf(deployment: Deployment) {
  const {
    deploymentId,
    applicationId,
    applicationName,
    groupId,
    groupName,
    status,
    createdAt,
    ...body
  } = deployment;
  return {
    deployment_id: deploymentId,
    application_id: applicationId,
    application_name: applicationName,
    group_id: groupId,
    group_name: groupName,
    status,
    ended: isTerminal(status) ? 1 : 0,
    created_at: createdAt,
    body: DEPLOYMENT.encode(body),
  };
}

/** A rollback looks at none: the alarm that made it is on. What an instance waits for does not either: load may be why it comes. */
export function watchesAlarms(deployment: DeploymentBody): boolean {
  const { creator, alarmConfiguration: alarms } = deployment;
  if (creator === 'codeDeployRollback' || !isInTurn(deployment)) return false;
  return alarms?.enabled === true && (alarms.alarms ?? []).length > 0;
}

export type PlacedDeployment = Deployment & Place;

/** A deployment by its id, whichever account's it is: for the reconciler, whose key it is. */
export async function loadDeployment(
  tx: Tx,
  deploymentId: string,
): Promise<PlacedDeployment | undefined> {
  return (await loadDeployments(tx, [deploymentId])).get(deploymentId);
}

/** Deployments by their ids, whichever account's they are: those that there are. */
export async function loadDeployments(
  tx: Tx,
  deploymentIds: readonly string[],
): Promise<Map<string, PlacedDeployment>> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .selectAll()
    .where('deployment_id', 'in', deploymentIds)
    .execute();
  return new Map(
    rows.map((row) => [
      row.deployment_id,
      { ...deploymentOf(row), accountId: row.account_id, region: row.region },
    ]),
  );
}

/** Deployments of an account by their ids: those that there are. */
export async function findDeployments(
  tx: Tx,
  { accountId, region }: Place,
  deploymentIds: readonly string[],
): Promise<Map<string, Deployment>> {
  const found = await loadDeployments(tx, deploymentIds);
  for (const [id, placed] of found)
    if (placed.accountId !== accountId || placed.region !== region) found.delete(id);
  return found;
}

export async function findDeployment(
  tx: Tx,
  place: Place,
  deploymentId: string,
): Promise<Deployment | undefined> {
  return (await findDeployments(tx, place, [deploymentId])).get(deploymentId);
}

export async function activeDeployments(tx: Tx, groupId: string): Promise<Deployment[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('ended', '=', 0)
    .orderBy('created_at')
    .orderBy('deployment_id')
    .execute();
  return rows.map(deploymentOf);
}

/** Deployments of a group come one after another, but for those that an instance is held for. */
export const isInTurn = ({ held }: Pick<DeploymentBody, 'held'>): boolean => held === undefined;

/** Deployments of a group, made since then (epoch milliseconds), that an instance was held for. */
export async function heldDeploymentsSince(
  tx: Tx,
  groupId: string,
  since: number,
): Promise<Deployment[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .selectAll()
    .where('group_id', '=', groupId)
    .where('created_at', '>=', since)
    .execute();
  return rows.map(deploymentOf).filter((deployment) => !isInTurn(deployment));
}

/** Ids of every deployment that has not ended: the reconciler's sweep. */
export async function activeDeploymentIds(tx: Tx): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .select('deployment_id')
    .where('ended', '=', 0)
    .execute();
  return rows.map((row) => row.deployment_id);
}

/** Ids of groups with a deployment that has not ended. */
export async function activeGroupIds(tx: Tx): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .select('group_id')
    .distinct()
    .where('ended', '=', 0)
    .execute();
  return rows.map((row) => row.group_id);
}

/** Deployments of an account that have not ended and look at the alarm. */
export async function deploymentsWithAlarm(
  tx: Tx,
  { accountId, region }: Place,
  alarmName: string,
): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_deployment')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('ended', '=', 0)
    .execute();
  return rows
    .map(deploymentOf)
    .filter(watchesAlarms)
    .filter(({ alarmConfiguration }) =>
      alarmConfiguration?.alarms?.some(({ name }) => name === alarmName),
    )
    .map(({ deploymentId }) => deploymentId);
}

/** A deployment in a list. */
export type ListedDeployment = readonly [createdAt: number, deploymentId: string];

export interface DeploymentFilter {
  applicationId?: string;
  groupId?: string;
  statuses?: string[];
  /** Epoch milliseconds, both inclusive. */
  createdFrom?: number;
  createdTo?: number;
  /** The last of the page before. */
  after?: ListedDeployment;
  limit: number;
}

/** Deployments of the account, newest first. */
export async function listDeployments(
  tx: Tx,
  place: Place,
  filter: DeploymentFilter,
): Promise<ListedDeployment[]> {
  let query = tables(tx)
    .selectFrom('codedeploy_deployment')
    .select(['deployment_id', 'created_at'])
    .where('account_id', '=', place.accountId)
    .where('region', '=', place.region);
  if (filter.applicationId) query = query.where('application_id', '=', filter.applicationId);
  if (filter.groupId) query = query.where('group_id', '=', filter.groupId);
  if (filter.statuses?.length) query = query.where('status', 'in', filter.statuses);
  if (filter.createdFrom !== undefined) query = query.where('created_at', '>=', filter.createdFrom);
  if (filter.createdTo !== undefined) query = query.where('created_at', '<=', filter.createdTo);
  const rows = await query
    .where(behind(['created_at', 'deployment_id'], 'desc', filter.after))
    .orderBy('created_at', 'desc')
    .orderBy('deployment_id', 'desc')
    .limit(filter.limit)
    .execute();
  return rows.map((row) => [row.created_at, row.deployment_id]);
}

function deploymentOf(row: CodeDeployTables['codedeploy_deployment']): Deployment {
  return {
    ...DEPLOYMENT.decode(row.body),
    deploymentId: row.deployment_id,
    applicationId: row.application_id,
    applicationName: row.application_name,
    groupId: row.group_id,
    groupName: row.group_name,
    status: row.status as DeploymentState,
    createdAt: row.created_at,
  };
}
