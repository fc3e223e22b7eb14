import type { Tx } from '../../../db/database.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { at, type CodeDeployTables, type Place, tables } from './tables.ts';

export type HookKind = 'launch' | 'termination';

interface HookBody {
  /** The service role of the deployment group when it was last changed, and the group: what the hook is put and taken away with. */
  roleArn: string;
  sourceArn: string;
}

/** A lifecycle hook of a deployment group on an Auto Scaling group. */
export interface Hook extends Place, HookBody {
  name: string;
  groupId: string;
  scalingGroup: string;
  kind: HookKind;
  /** `wanted`: it may be there. `placed`: it is. `unwanted`: it has to go. */
  state: 'wanted' | 'placed' | 'unwanted';
}

export async function putHook(tx: Tx, hook: Hook): Promise<void> {
  const { roleArn, sourceArn } = hook;
  const set = { state: hook.state, body: encodeJson({ roleArn, sourceArn } satisfies HookBody) };
  await tables(tx)
    .insertInto('codedeploy_hook')
    .values({
      ...at(hook),
      ...{ hook: hook.name, group_id: hook.groupId, scaling_group: hook.scalingGroup },
      ...{ kind: hook.kind, ...set },
    })
    .onConflict((c) => c.columns(['account_id', 'region', 'hook']).doUpdateSet(set))
    .execute();
}

export async function deleteHook(tx: Tx, { accountId, region, name }: Hook): Promise<void> {
  await tables(tx)
    .deleteFrom('codedeploy_hook')
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('hook', '=', name)
    .execute();
}

/** Hooks of a deployment group, whether it is still there or not. */
export async function hooksOf(tx: Tx, groupId: string): Promise<Hook[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_hook')
    .selectAll()
    .where('group_id', '=', groupId)
    .orderBy('hook')
    .execute();
  return rows.map(hookOf);
}

export async function findHook(
  tx: Tx,
  { accountId, region }: Place,
  name: string,
): Promise<Hook | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_hook')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('region', '=', region)
    .where('hook', '=', name)
    .executeTakeFirst();
  return row && hookOf(row);
}

/** Groups with a hook that has to come or to go: the reconciler's sweep. */
export async function unsettledGroupIds(tx: Tx): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_hook')
    .select('group_id')
    .distinct()
    .where('state', '!=', 'placed')
    .execute();
  return rows.map((row) => row.group_id);
}

function hookOf(row: CodeDeployTables['codedeploy_hook']): Hook {
  return {
    ...{ accountId: row.account_id, region: row.region, name: row.hook, groupId: row.group_id },
    ...{ scalingGroup: row.scaling_group, kind: row.kind as HookKind },
    state: row.state as Hook['state'],
    ...decodeJson<HookBody>(row.body),
  };
}

interface HoldBody extends HookBody, Place {
  hook: string;
  scalingGroup: string;
  instance: string;
  kind: HookKind;
  /** When it was heard of (epoch milliseconds). */
  since: number;
}

/** An instance that a hook holds while a deployment to it goes on; without one it is let go. */
export interface Hold extends HoldBody {
  /** Of the lifecycle action. */
  token: string;
  deploymentId?: string;
}

export async function insertHold(tx: Tx, { token, deploymentId, ...body }: Hold): Promise<void> {
  await tables(tx)
    .insertInto('codedeploy_hold')
    .values({ token, deployment_id: deploymentId ?? null, body: encodeJson(body) })
    .execute();
}

export async function findHold(tx: Tx, token: string): Promise<Hold | undefined> {
  const row = await tables(tx)
    .selectFrom('codedeploy_hold')
    .selectAll()
    .where('token', '=', token)
    .executeTakeFirst();
  if (!row) return undefined;
  const { deployment_id: deploymentId, body } = row;
  return { token, ...(deploymentId !== null && { deploymentId }), ...decodeJson<HoldBody>(body) };
}

/** What a deployment is held for. */
export async function holdTokensOf(tx: Tx, deploymentId: string): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_hold')
    .select('token')
    .where('deployment_id', '=', deploymentId)
    .execute();
  return rows.map(({ token }) => token);
}

export async function deleteHold(tx: Tx, token: string): Promise<void> {
  await tables(tx).deleteFrom('codedeploy_hold').where('token', '=', token).execute();
}

/** Of all that are held those with something to be said: no deployment to them goes on. Signs of life have their own time. */
export async function holdTokensDue(tx: Tx): Promise<string[]> {
  const rows = await tables(tx)
    .selectFrom('codedeploy_hold as hold')
    .leftJoin('codedeploy_deployment as to', (join) =>
      join.onRef('to.deployment_id', '=', 'hold.deployment_id').on('to.ended', '=', 0),
    )
    .select('hold.token')
    .where('to.deployment_id', 'is', null)
    .execute();
  return rows.map(({ token }) => token);
}
