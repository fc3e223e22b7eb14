import type { ServiceContext } from '../../../kit/service.ts';
import {
  accountLevelOnly,
  appliedQuota,
  catalogueOf,
  defaultQuota,
  type Found,
  quotaOf,
  slice,
} from './access.ts';
import { serviceQuotas } from './declare.ts';

export const listServices = serviceQuotas('listServices', {}, async (ctx, input) => {
  const all = [...ctx.quotas.catalogues].map(([ServiceCode, { serviceName }]) => ({
    ServiceCode,
    ServiceName: serviceName,
  }));
  const { items, ...next } = slice(ctx, input, all, (service) => service.ServiceCode);
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
  const { items, ...next } = slice(ctx, input, found, codeOf);
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
    const { items, ...next } = slice(ctx, input, found, codeOf);
    return { Quotas: items.map((each) => defaultQuota(ctx, each)), ...next };
  },
);

const codeOf = ({ quota }: Found) => quota.code;

function quotasOf(ctx: ServiceContext, service = ''): Found[] {
  const { serviceName, quotas } = catalogueOf(ctx, service);
  return quotas.map((quota) => ({ service, serviceName, quota }));
}
