import type { ServiceQuota } from '@aws-sdk/client-service-quotas';
import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { type Key, type Page, page, pageOfList } from '../../../kit/pages.ts';
import { ownerOf, type Quota, type QuotaCatalogue } from '../../../kit/quotas.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidToken, noSuchQuota, noSuchService } from '../errors.ts';
import { PAGE_SIZE } from '../limits.ts';

/** A quota and the service that it is of. */
export interface Found {
  service: string;
  serviceName: string;
  quota: Quota;
}

export function catalogueOf(ctx: ServiceContext, service: string | undefined): QuotaCatalogue {
  const found = ctx.quotas.catalogues.get(service ?? '');
  if (!found) throw noSuchService();
  return found;
}

export function quotaOf(
  ctx: ServiceContext,
  input: { ServiceCode?: string | undefined; QuotaCode?: string | undefined },
): Found {
  const { serviceName, quotas } = catalogueOf(ctx, input.ServiceCode);
  const quota = quotas.find(({ code }) => code === input.QuotaCode);
  if (!quota) throw noSuchQuota();
  return { service: input.ServiceCode ?? '', serviceName, quota };
}

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_servicequotas.html */
export function quotaArn(
  ctx: ServiceContext,
  service: string | undefined,
  code: string | undefined,
): string {
  const { partition, region, accountId } = ctx;
  return `arn:${partition}:servicequotas:${region}:${accountId}:${service}/${code}`;
}

/** The quota as the API shows it, with AWS's default for its value. */
export function defaultQuota(ctx: ServiceContext, { service, serviceName, quota }: Found) {
  return {
    ServiceCode: service,
    ServiceName: serviceName,
    // A default belongs to nobody.
    QuotaArn: `arn:${ctx.partition}:servicequotas:${ctx.region}::${service}/${quota.code}`,
    QuotaCode: quota.code,
    QuotaName: quota.name,
    Value: quota.value,
    Unit: 'None',
    Adjustable: true,
    GlobalQuota: quota.global ?? false,
  } satisfies ServiceQuota;
}

/** The same with the value that holds for the caller's account. */
export async function appliedQuota(ctx: ServiceContext, tx: Tx, found: Found) {
  return {
    ...defaultQuota(ctx, found),
    QuotaArn: quotaArn(ctx, found.service, found.quota.code),
    Value: await ctx.quotas.value(tx, ctx, found.service, found.quota),
    QuotaAppliedAtLevel: 'ACCOUNT',
  } satisfies ServiceQuota;
}

export const placeOf = (ctx: ServiceContext, { quota }: Found) => ownerOf(ctx, quota);

/** Quotas of single resources are none of those that are here. */
export function accountLevelOnly(input: {
  ContextId?: string | undefined;
  QuotaAppliedAtLevel?: string | undefined;
  QuotaRequestedAtLevel?: string | undefined;
}): void {
  if (input.ContextId !== undefined) throw unsupported('the parameter ContextId');
  const level = input.QuotaAppliedAtLevel ?? input.QuotaRequestedAtLevel;
  if (level === 'RESOURCE') throw unsupported('the level RESOURCE');
}

interface Paged {
  NextToken?: string | undefined;
  MaxResults?: number | undefined;
}

/** What the caller of a list asked for. @throws InvalidPaginationTokenException */
const asked = ({ NextToken, MaxResults = PAGE_SIZE }: Paged) => ({
  token: NextToken && Buffer.from(NextToken, 'base64').toString(),
  limit: MaxResults,
  refuse: invalidToken,
});

function shown<T>({ items, nextToken }: Page<T>): { items: T[]; NextToken?: string } {
  // The contract allows the letters of Base64 alone.
  const token = nextToken && Buffer.from(nextToken).toString('base64');
  return { items, ...(token && { NextToken: token }) };
}

/** The page that MaxResults and NextToken ask for. */
export async function paged<T, K extends Key>(
  ctx: ServiceContext,
  input: Paged,
  loadAfter: (key: K | undefined, count: number) => Promise<T[]>,
  keyOf: (item: T) => K,
) {
  return shown(await page(ctx, asked(input), loadAfter, keyOf));
}

/** The same of a whole list. */
export function slice<T>(ctx: ServiceContext, input: Paged, list: T[], keyOf: (item: T) => string) {
  return shown(pageOfList(ctx, asked(input), list, keyOf));
}
