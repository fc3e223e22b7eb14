import type { SslPolicy } from '@aws-sdk/client-elastic-load-balancing-v2';
import { policyNotFound } from '../errors.ts';
import {
  APPLICATION_BALANCERS,
  GROUPS,
  MAX_LISTENERS,
  MAX_RULES,
  MAX_TARGETS,
  NETWORK_BALANCERS,
} from '../limits.ts';
import { elbv2 } from './declare.ts';
import { paged } from './pages.ts';

export const describeAccountLimits = elbv2('describeAccountLimits', {}, async (ctx, input) => {
  const { db, quotas } = ctx;
  const of = async (quota: typeof GROUPS) => quotas.value(db, ctx, 'elbv2', quota);
  const limits = Object.entries({
    'application-load-balancers': await of(APPLICATION_BALANCERS),
    'listeners-per-application-load-balancer': MAX_LISTENERS,
    'listeners-per-network-load-balancer': MAX_LISTENERS,
    'network-load-balancers': await of(NETWORK_BALANCERS),
    'rules-per-application-load-balancer': MAX_RULES,
    'target-groups': await of(GROUPS),
    'targets-per-application-load-balancer': MAX_TARGETS,
  }).map(([Name, Max]) => ({ Name, Max: String(Max) }));
  const { items, next } = paged(ctx, input, limits, ({ Name }) => Name);
  return { Limits: items, ...next };
});

/** No listener has TLS yet, so that none has a policy: a list without any is the truth. */
const POLICIES: SslPolicy[] = [];

export const describeSSLPolicies = elbv2('describeSSLPolicies', {}, async (_ctx, { Names }) => {
  if (Names?.length) throw policyNotFound();
  return { SslPolicies: POLICIES };
});
