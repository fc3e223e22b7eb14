import type { ServiceContext } from '../../../kit/service.ts';
import { noSuchQuota, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { findQuota, putQuota } from '../store/quotas.ts';
import { placeOf, quotaArn, quotaOf } from './access.ts';
import { serviceQuotas } from './declare.ts';

type Tags = Record<string, string>;

interface OnQuota {
  ResourceARN?: string | undefined;
}

const rule = {
  resource: (_ctx: ServiceContext, input: OnQuota) => input.ResourceARN ?? '*',
};

/** The quota that an ARN of the caller's account and region names. */
function named(ctx: ServiceContext, { ResourceARN = '' }: OnQuota) {
  const [service, code] = ResourceARN.split(':').at(-1)?.split('/') ?? [];
  if (quotaArn(ctx, service, code) !== ResourceARN) throw noSuchQuota();
  return quotaOf(ctx, { ServiceCode: service, QuotaCode: code });
}

async function change(ctx: ServiceContext, input: OnQuota, edit: (tags: Tags) => Tags) {
  const found = named(ctx, input);
  const place = placeOf(ctx, found);
  await ctx.transaction(async (tx) => {
    const stored = await findQuota(tx, place, found.service, found.quota.code);
    const tags = edit(stored.tags ?? {});
    if (Object.keys(tags).length > MAX_TAGS) throw tooManyTags();
    await putQuota(tx, place, found.service, found.quota.code, { ...stored, tags });
  });
  return {};
}

export const tagResource = serviceQuotas('tagResource', rule, (ctx, input) =>
  change(ctx, input, (tags) =>
    Object.fromEntries([
      ...Object.entries(tags),
      ...(input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]),
    ]),
  ),
);

export const untagResource = serviceQuotas('untagResource', rule, (ctx, input) =>
  change(ctx, input, (tags) =>
    Object.fromEntries(
      Object.entries(tags).filter(([key]) => !(input.TagKeys ?? []).includes(key)),
    ),
  ),
);

export const listTagsForResource = serviceQuotas(
  'listTagsForResource',
  rule,
  async (ctx, input) => {
    const found = named(ctx, input);
    const { tags = {} } = await findQuota(
      ctx.db,
      placeOf(ctx, found),
      found.service,
      found.quota.code,
    );
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
  },
);
