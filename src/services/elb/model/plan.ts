import type { ServerCertificate } from '../../../kit/certificates.ts';
import { tlsRulesOf } from '../../../kit/load-balancing/ssl-policies.ts';
import type {
  BalancerPlan,
  GroupPlan,
  ListenerPlan,
  ListenerProtocol,
} from '../../../network/balancing/plan.ts';
import { checkOf } from './health-check.ts';
import { defaultPolicy, rulesOf, stickyOf } from './policies.ts';
import { type Instance, isSecure, type Listener, type LoadBalancer, layerOf } from './things.ts';

/** All that a balancer's listeners have to know. */
export interface Snapshot {
  balancer: LoadBalancer;
  instances: Instance[];
  /** Those that there are of the listeners', by their ARNs. */
  certificates: Map<string, ServerCertificate>;
}

/** A listener, and what it leads to, are called by its port. */
export const listenerId = ({ port }: Pick<Listener, 'port'>) => String(port);

/** Nothing goes on at an instance that drains, for any of the listeners. */
export const isDrained = (
  { drainsUntil, drained }: Pick<Instance, 'drainsUntil' | 'drained'>,
  listeners: readonly Pick<Listener, 'port'>[],
): boolean =>
  drainsUntil !== undefined && listeners.every((one) => drained.includes(listenerId(one)));

export function planOf({ balancer, instances, certificates }: Snapshot): BalancerPlan {
  const { attributes, address, dnsName, listeners } = balancer;
  return {
    ...{ address, name: dnsName.toLowerCase() },
    ...{ idleMs: attributes.idleSeconds * 1000, keepAliveMs: 3_600_000 },
    ...{ forwardedFor: 'append', dropInvalidHeaders: false },
    listeners: listeners.map((listener) => listenerOf(balancer, listener, certificates)),
    groups: listeners.map((listener) => groupOf(balancer, listener, instances)),
  };
}

function listenerOf(
  { policies, attributes }: LoadBalancer,
  listener: Listener,
  known: Snapshot['certificates'],
): ListenerPlan {
  const { port, protocol, certificate } = listener;
  const ssl =
    policies.find(
      ({ name, type }) => type === 'SSLNegotiationPolicyType' && listener.policies.includes(name),
    ) ?? defaultPolicy();
  const found = known.get(certificate ?? '');
  const spoken: ListenerProtocol = protocol === 'SSL' ? 'TLS' : protocol;
  const id = listenerId(listener);
  return {
    ...{ id, protocol: spoken, port },
    ...(isSecure(protocol) && {
      tls: { ...tlsRulesOf(rulesOf(ssl.attributes)), certificates: found ? [found] : [] },
    }),
    idleMs: attributes.idleSeconds * 1000,
    rules: [{ conditions: [], action: { kind: 'forward', groups: [{ id, weight: 1 }] } }],
  };
}

function groupOf(
  { policies, healthCheck }: LoadBalancer,
  listener: Listener,
  instances: readonly Instance[],
): GroupPlan {
  const { instancePort, instanceProtocol, protocol } = listener;
  const sticky = policies
    .filter(({ name }) => listener.policies.includes(name))
    .map(stickyOf)
    .find((one) => one !== undefined);
  return {
    id: listenerId(listener),
    targets: instances.map(({ id, address, health, drainsUntil }) => ({
      ...{ id, address, port: instancePort, ours: true, health },
      ...(drainsUntil !== undefined && { drainsUntil }),
    })),
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html#request-routing
    algorithm: layerOf(protocol) === 'HTTP' ? 'least_outstanding_requests' : 'round_robin',
    ...(sticky && { sticky }),
    ...(isSecure(instanceProtocol) && { secure: true }),
    endsConnections: true,
    check: checkOf(healthCheck),
  };
}
