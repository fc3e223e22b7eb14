import type { RequestedServiceQuotaChange } from '@aws-sdk/client-service-quotas';
import { behind } from '../../../db/behind.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { QuotaOwner, RaisedQuota } from '../../../kit/quotas.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';

type Tables = {
  servicequotas_quota: {
    account_id: string;
    region: string;
    service: string;
    code: string;
    /** JSON of StoredQuota. */
    body: string;
  };
  servicequotas_request: {
    account_id: string;
    region: string;
    id: string;
    service: string;
    code: string;
    created_at: number;
    /** JSON of the SDK's RequestedServiceQuotaChange. */
    body: string;
  };
};

/** What an account has changed of a quota. */
export interface StoredQuota {
  value?: number;
  tags?: Record<string, string>;
}

const on = (db: Db | Tx) => db.withTables<Tables>();
const at = ({ accountId, region }: QuotaOwner) => ({ account_id: accountId, region });

export async function findQuota(
  db: Db | Tx,
  owner: QuotaOwner,
  service: string,
  code: string,
): Promise<StoredQuota> {
  const row = await on(db)
    .selectFrom('servicequotas_quota')
    .select('body')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('service', '=', service)
    .where('code', '=', code)
    .executeTakeFirst();
  return row ? decodeJson<StoredQuota>(row.body) : {};
}

export async function putQuota(
  tx: Tx,
  owner: QuotaOwner,
  service: string,
  code: string,
  quota: StoredQuota,
): Promise<void> {
  const body = encodeJson(quota);
  await on(tx)
    .insertInto('servicequotas_quota')
    .values({ ...at(owner), service, code, body })
    .onConflict((conflict) =>
      conflict.columns(['account_id', 'region', 'service', 'code']).doUpdateSet({ body }),
    )
    .execute();
}

/** What Service Quotas offers to the other services. */
export const raisedQuota: RaisedQuota = async (tx, owner, service, code) =>
  (await findQuota(tx, owner, service, code)).value;

export async function insertRequest(
  tx: Tx,
  owner: QuotaOwner,
  request: RequestedServiceQuotaChange,
): Promise<void> {
  await on(tx)
    .insertInto('servicequotas_request')
    .values({
      ...at(owner),
      id: request.Id ?? '',
      service: request.ServiceCode ?? '',
      code: request.QuotaCode ?? '',
      created_at: request.Created?.getTime() ?? 0,
      body: encodeJson(request),
    })
    .execute();
}

export async function findRequest(
  db: Db | Tx,
  owner: QuotaOwner,
  id: string,
): Promise<RequestedServiceQuotaChange | undefined> {
  const row = await on(db)
    .selectFrom('servicequotas_request')
    .select('body')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && decodeJson<RequestedServiceQuotaChange>(row.body);
}

/** A request in a list. */
export type ListedRequest = readonly [createdAt: number, id: string];

/** At most `limit` requests, the newest first, from behind `after` on. */
export async function listRequests(
  db: Db | Tx,
  owner: QuotaOwner,
  filter: { service?: string; code?: string },
  after: ListedRequest | undefined,
  limit: number,
): Promise<RequestedServiceQuotaChange[]> {
  let query = on(db)
    .selectFrom('servicequotas_request')
    .select('body')
    .where('account_id', '=', owner.accountId)
    .where('region', '=', owner.region);
  if (filter.service !== undefined) query = query.where('service', '=', filter.service);
  if (filter.code !== undefined) query = query.where('code', '=', filter.code);
  const rows = await query
    .where(behind(['created_at', 'id'], 'desc', after))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ body }) => decodeJson<RequestedServiceQuotaChange>(body));
}
