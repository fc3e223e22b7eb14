import { type Key, pageOfList } from '../../../kit/pages.ts';
import { invalid } from '../errors.ts';
import { BALANCERS, MAX_INSTANCES, MAX_LISTENERS, PAGE } from '../limits.ts';
import { elb } from './declare.ts';

export const describeAccountLimits = elb('describeAccountLimits', {}, async (ctx, input) => {
  const limits = [
    { Name: 'classic-listeners', Max: String(MAX_LISTENERS) },
    {
      Name: 'classic-load-balancers',
      Max: String(await ctx.quotas.value(ctx.db, ctx, 'elb', BALANCERS)),
    },
    { Name: 'classic-registered-instances', Max: String(MAX_INSTANCES) },
  ];
  const refuse = () => invalid('The specified marker is not valid');
  const asked = { token: input.Marker || undefined, limit: input.PageSize ?? PAGE, refuse };
  const { items, nextToken } = pageOfList<(typeof limits)[number], Key>(
    ctx,
    asked,
    limits,
    ({ Name }) => Name,
  );
  return { Limits: items, ...(nextToken !== undefined && { NextMarker: nextToken }) };
});
