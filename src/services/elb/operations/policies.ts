import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import * as errors from '../errors.ts';
import { MAX_POLICIES } from '../limits.ts';
import { takesPolicy } from '../model/listeners.ts';
import { appCookie, loadBalancerCookie, predefined, readPolicy, TYPES } from '../model/policies.ts';
import type { LoadBalancer, Policy } from '../model/things.ts';
import { balancer, onBalancer } from '../resources/balancer.ts';
import { findBalancer } from '../store/balancers.ts';
import { elb } from './declare.ts';
import { change, changeListener } from './shared.ts';

async function add(ctx: ServiceContext, to: LoadBalancer, policy: Policy): Promise<object> {
  if (!/^[-A-Za-z0-9]{1,255}$/.test(policy.name))
    throw errors.invalid('PolicyName must be letters, digits and hyphens');
  await change(ctx, to, (one) => {
    if (one.policies.some(({ name }) => name === policy.name))
      throw errors.duplicatePolicy(policy.name);
    if (one.policies.length >= MAX_POLICIES) throw errors.tooManyPolicies();
    return { ...one, policies: [...one.policies, policy] };
  });
  return {};
}

export const createAppCookieStickinessPolicy = elb(
  'createAppCookieStickinessPolicy',
  onBalancer,
  (ctx, { PolicyName = '', CookieName = '' }, found) =>
    add(ctx, found, appCookie(PolicyName, CookieName)),
);

export const createLBCookieStickinessPolicy = elb(
  'createLBCookieStickinessPolicy',
  onBalancer,
  (ctx, { PolicyName = '', CookieExpirationPeriod: period }, found) =>
    add(ctx, found, loadBalancerCookie(PolicyName, period?.toString())),
);

export const createLoadBalancerPolicy = elb(
  'createLoadBalancerPolicy',
  onBalancer,
  (ctx, { PolicyName = '', PolicyTypeName = '', PolicyAttributes = [] }, found) =>
    add(ctx, found, readPolicy(PolicyName, PolicyTypeName, PolicyAttributes)),
);

export const deleteLoadBalancerPolicy = elb(
  'deleteLoadBalancerPolicy',
  onBalancer,
  async (ctx, { PolicyName: wanted = '' }, found) => {
    await change(ctx, found, (one) => {
      if (one.listeners.some(({ policies }) => policies.includes(wanted)))
        throw errors.configuration(`The policy ${wanted} is in use by a listener`);
      return { ...one, policies: one.policies.filter(({ name }) => name !== wanted) };
    });
    return {};
  },
);

export const setLoadBalancerPoliciesOfListener = elb(
  'setLoadBalancerPoliciesOfListener',
  onBalancer,
  async (ctx, { LoadBalancerPort: port = 0, PolicyNames = [] }, found) => {
    await changeListener(ctx, found, port, (listener, one) => {
      const types = new Set<string>();
      for (const wanted of PolicyNames) {
        const policy = one.policies.find(({ name }) => name === wanted);
        if (!policy) throw errors.policyNotFound(wanted);
        if (!takesPolicy(listener, policy.type))
          throw errors.configuration(
            `A policy of the type ${policy.type} does not go with a listener of the protocol ${listener.protocol}`,
          );
        const kind = policy.type === 'SSLNegotiationPolicyType' ? 'TLS' : 'cookies';
        if (types.has(kind)) throw errors.configuration('A listener has one policy of each kind');
        types.add(kind);
      }
      return { ...listener, policies: PolicyNames };
    });
    return {};
  },
);

/** Nothing here follows such a policy: none can be made, so that none can be set. */
export const setLoadBalancerPoliciesForBackendServer = elb(
  'setLoadBalancerPoliciesForBackendServer',
  onBalancer,
  async (_ctx, { PolicyNames = [] }, { policies }) => {
    for (const wanted of PolicyNames)
      if (!policies.some(({ name }) => name === wanted)) throw errors.policyNotFound(wanted);
    if (PolicyNames.length > 0) throw unsupported('policies for backend servers');
    return {};
  },
);

const shown = ({ name, type, attributes }: Policy) => ({
  ...{ PolicyName: name, PolicyTypeName: type },
  PolicyAttributeDescriptions: attributes.map((one) => ({
    AttributeName: one.name,
    AttributeValue: one.value,
  })),
});

export const describeLoadBalancerPolicies = elb(
  'describeLoadBalancerPolicies',
  {
    resource: (ctx, { LoadBalancerName: name }) =>
      name === undefined ? '*' : balancer.locate(ctx, name).arn,
  },
  async (ctx, { LoadBalancerName: name, PolicyNames: names = [] }) => {
    const found =
      name !== undefined && (await findBalancer(ctx.db, balancer.locate(ctx, name).arn));
    if (name !== undefined && !found) throw errors.balancerNotFound(name);
    const all = found ? found.policies : predefined();
    for (const wanted of names)
      if (!all.some((one) => one.name === wanted)) throw errors.policyNotFound(wanted);
    const wanted = all.filter((one) => names.length === 0 || names.includes(one.name));
    return { PolicyDescriptions: wanted.map(shown) };
  },
);

export const describeLoadBalancerPolicyTypes = elb(
  'describeLoadBalancerPolicyTypes',
  {},
  async (_ctx, { PolicyTypeNames: names = [] }) => {
    const unknown = names.find((name) => !Object.hasOwn(TYPES, name));
    if (unknown !== undefined) throw errors.policyTypeNotFound(unknown);
    const wanted = Object.entries(TYPES).filter(([name]) => !names.length || names.includes(name));
    return {
      PolicyTypeDescriptions: wanted.map(([name, { words, attributes }]) => ({
        ...{ PolicyTypeName: name, Description: words },
        PolicyAttributeTypeDescriptions: attributes.map(([attribute, type, cardinality]) => ({
          ...{ AttributeName: attribute, AttributeType: type, Cardinality: cardinality },
        })),
      })),
    };
  },
);
