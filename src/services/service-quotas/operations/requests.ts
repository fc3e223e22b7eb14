import { randomUUID } from 'node:crypto';
import type {
  ListRequestedServiceQuotaChangeHistoryCommandInput,
  RequestedServiceQuotaChange,
} from '@aws-sdk/client-service-quotas';
import type { ServiceContext } from '../../../kit/service.ts';
import { noSuchRequest, notMore } from '../errors.ts';
import {
  findQuota,
  findRequest,
  insertRequest,
  type ListedRequest,
  listRequests,
  putQuota,
} from '../store/quotas.ts';
import { accountLevelOnly, type Found, paged, placeOf, quotaArn, quotaOf } from './access.ts';
import { serviceQuotas } from './declare.ts';

/** AWS asks its support; here whoever IAM allows to ask has it, at once. */
export const requestServiceQuotaIncrease = serviceQuotas(
  'requestServiceQuotaIncrease',
  {
    resource: (ctx, input) => quotaArn(ctx, input.ServiceCode, input.QuotaCode),
    conditions: (_ctx, input) => ({ 'servicequotas:service': input.ServiceCode ?? '' }),
  },
  async (ctx, input) => {
    accountLevelOnly(input);
    const found = quotaOf(ctx, input);
    const value = input.DesiredValue ?? 0;
    const request = requestOf(ctx, found, value);
    const place = placeOf(ctx, found);
    await ctx.transaction(async (tx) => {
      if (value <= (await ctx.quotas.value(tx, ctx, found.service, found.quota))) throw notMore();
      const stored = await findQuota(tx, place, found.service, found.quota.code);
      await putQuota(tx, place, found.service, found.quota.code, { ...stored, value });
      await insertRequest(tx, ctx, request);
    });
    return { RequestedQuota: request };
  },
);

function requestOf(
  ctx: ServiceContext,
  { service, serviceName, quota }: Found,
  value: number,
): RequestedServiceQuotaChange {
  const now = ctx.clock.now();
  return {
    Id: randomUUID().replaceAll('-', ''),
    ServiceCode: service,
    ServiceName: serviceName,
    QuotaCode: quota.code,
    QuotaName: quota.name,
    DesiredValue: value,
    Status: 'APPROVED',
    Created: now,
    LastUpdated: now,
    Requester: JSON.stringify({ accountId: ctx.accountId, callerArn: ctx.principal.arn }),
    QuotaArn: quotaArn(ctx, service, quota.code),
    GlobalQuota: quota.global ?? false,
    Unit: 'None',
    QuotaRequestedAtLevel: 'ACCOUNT',
  };
}

export const getRequestedServiceQuotaChange = serviceQuotas(
  'getRequestedServiceQuotaChange',
  {},
  async (ctx, input) => {
    const request = await findRequest(ctx.db, ctx, input.RequestId ?? '');
    if (!request) throw noSuchRequest();
    return { RequestedQuota: request };
  },
);

export const listRequestedServiceQuotaChangeHistory = serviceQuotas(
  'listRequestedServiceQuotaChangeHistory',
  {},
  async (ctx, input) => history(ctx, input, { service: input.ServiceCode }),
);

export const listRequestedServiceQuotaChangeHistoryByQuota = serviceQuotas(
  'listRequestedServiceQuotaChangeHistoryByQuota',
  {},
  async (ctx, input) => {
    const { service, quota } = quotaOf(ctx, input);
    return history(ctx, input, { service, code: quota.code });
  },
);

async function history(
  ctx: ServiceContext,
  input: ListRequestedServiceQuotaChangeHistoryCommandInput,
  { service, code }: { service?: string | undefined; code?: string },
) {
  accountLevelOnly(input);
  // Every request that was taken is approved.
  const none = input.Status !== undefined && input.Status !== 'APPROVED';
  const filter = { ...(service !== undefined && { service }), ...(code !== undefined && { code }) };
  const { items, ...next } = await paged(
    ctx,
    input,
    async (after: ListedRequest | undefined, limit) =>
      none ? [] : listRequests(ctx.db, ctx, filter, after, limit),
    ({ Created, Id = '' }): ListedRequest => [Created?.getTime() ?? 0, Id],
  );
  return { RequestedQuotas: items, ...next };
}
