import type { ServiceContext } from '../../service.ts';
import {
  accountLevelOnly,
  appliedQuota,
  catalogueOf,
  defaultQuota,
  type Found,
  page,
  quotaOf,
} from './access.ts';
import { serviceQuotas } from './declare.ts';

export const listServices = serviceQuotas('listServices', {}, async (ctx, input) => {
  const all = [...ctx.quotas.catalogues]
    .map(([ServiceCode, { serviceName }]) => ({ ServiceCode, ServiceName: serviceName }))
    .sort((a, b) => (a.ServiceCode < b.ServiceCode ? -1 : 1));
  const { items, ...next } = await page(ctx, input, (offset, limit) =>
    all.slice(offset, offset + limit),
  );
  return { Services: items, ...next };
});

export const getServiceQuota = serviceQuotas('getServiceQuota', {}, async (ctx, input) => {
  accountLevelOnly(input);
  return { Quota: await appliedQuota(ctx, ctx.db, quotaOf(ctx, input)) };
});

export const getAWSDefaultServiceQuota = serviceQuotas(
  'getAWSDefaultServiceQuota',
  {},
  async (ctx, input) => ({ Quota: defaultQuota(ctx, quotaOf(ctx, input)) }),
);

export const listServiceQuotas = serviceQuotas('listServiceQuotas', {}, async (ctx, input) => {
  accountLevelOnly(input);
  const found = quotasOf(ctx, input.ServiceCode).filter(
    ({ quota }) => input.QuotaCode === undefined || quota.code === input.QuotaCode,
  );
  const { items, ...next } = await page(ctx, input, (offset, limit) =>
    found.slice(offset, offset + limit),
  );
  return {
    Quotas: await Promise.all(items.map((each) => appliedQuota(ctx, ctx.db, each))),
    ...next,
  };
});

export const listAWSDefaultServiceQuotas = serviceQuotas(
  'listAWSDefaultServiceQuotas',
  {},
  async (ctx, input) => {
    const found = quotasOf(ctx, input.ServiceCode);
    const { items, ...next } = await page(ctx, input, (offset, limit) =>
      found.slice(offset, offset + limit),
    );
    return { Quotas: items.map((each) => defaultQuota(ctx, each)), ...next };
  },
);

function quotasOf(ctx: ServiceContext, service = ''): Found[] {
  const { serviceName, quotas } = catalogueOf(ctx, service);
  return quotas.map((quota) => ({ service, serviceName, quota }));
}
