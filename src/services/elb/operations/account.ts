import { pageByMarker } from '../../../kit/load-balancing/lists.ts';
import { invalid } from '../errors.ts';
import { BALANCERS, MAX_INSTANCES, MAX_LISTENERS } from '../limits.ts';
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
  const { items, next } = pageByMarker(ctx, input, limits, { keyOf: ({ Name }) => Name, invalid });
  return { Limits: items, ...next };
});
