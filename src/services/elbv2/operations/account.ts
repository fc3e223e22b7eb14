import {
  findSslPolicy,
  SSL_POLICIES,
  type SslPolicy,
} from '../../../kit/load-balancing/ssl-policies.ts';
import { invalid, policyNotFound } from '../errors.ts';
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

export const describeSSLPolicies = elbv2('describeSSLPolicies', {}, async (ctx, input) => {
  const { Names, LoadBalancerType } = input;
  if (Names?.some((name) => !findSslPolicy(name))) throw policyNotFound();
  if (LoadBalancerType === 'gateway')
    throw invalid('SSL policies are not supported for load balancers of the type gateway');
  const wanted = SSL_POLICIES.filter(({ name }) => !Names?.length || Names.includes(name));
  const { items, next } = paged(ctx, input, wanted, ({ name }) => name);
  return { SslPolicies: items.map(shown), ...next };
});

const shown = ({ name, protocols, ciphers }: SslPolicy) => ({
  Name: name,
  SslProtocols: protocols,
  Ciphers: ciphers.map((cipher, index) => ({ Name: cipher, Priority: index + 1 })),
  SupportedLoadBalancerTypes: ['application', 'network'],
});
