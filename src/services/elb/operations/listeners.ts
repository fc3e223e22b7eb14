import * as errors from '../errors.ts';
import { MAX_LISTENERS } from '../limits.ts';
import { isSameListener } from '../model/listeners.ts';
import { defaultPolicy } from '../model/policies.ts';
import { isSecure } from '../model/things.ts';
import { onBalancer } from '../resources/balancer.ts';
import { elb } from './declare.ts';
import { readListeners } from './load-balancers.ts';
import { change, changeListener, needCertificates, notOpened, opened } from './shared.ts';

export const createLoadBalancerListeners = elb(
  'createLoadBalancerListeners',
  onBalancer,
  async (ctx, input, found) => {
    const given = readListeners(input.Listeners);
    let before = new Set<number>();
    const now = await change(ctx, found, async (one, tx) => {
      // As they are now: another call may have made one of these since this one was let in.
      before = new Set(one.listeners.map(({ port }) => port));
      await needCertificates(ctx, tx, given);
      const listeners = [...one.listeners];
      for (const listener of given) {
        const there = listeners.find(({ port }) => port === listener.port);
        if (there && !isSameListener(there, listener))
          throw errors.duplicateListener(one.name, listener.port);
        if (!there) listeners.push(listener);
      }
      if (listeners.length > MAX_LISTENERS)
        throw errors.configuration('The quota for the number of listeners is reached');
      const needed = given.some(({ protocol }) => isSecure(protocol));
      const known = one.policies.some(({ name }) => name === defaultPolicy().name);
      const policies = needed && !known ? [...one.policies, defaultPolicy()] : one.policies;
      return { ...one, listeners, policies };
    });
    const problem = await opened(ctx, now, given);
    if (problem === undefined) return {};
    const made = given.filter(({ port }) => !before.has(port)).map(({ port }) => port);
    await change(ctx, now, (one) => ({
      ...one,
      listeners:
        one.creation === now.creation
          ? one.listeners.filter(({ port }) => !made.includes(port))
          : one.listeners,
    }));
    throw notOpened(problem);
  },
);

export const deleteLoadBalancerListeners = elb(
  'deleteLoadBalancerListeners',
  onBalancer,
  async (ctx, { LoadBalancerPorts = [] }, found) => {
    await change(ctx, found, (one) => ({
      ...one,
      listeners: one.listeners.filter(({ port }) => !LoadBalancerPorts.includes(port)),
    }));
    return {};
  },
);

export const setLoadBalancerListenerSSLCertificate = elb(
  'setLoadBalancerListenerSSLCertificate',
  onBalancer,
  async (ctx, { LoadBalancerPort: port = 0, SSLCertificateId: certificate = '' }, found) => {
    await changeListener(ctx, found, port, async (listener, _, tx) => {
      if (!isSecure(listener.protocol))
        throw errors.configuration(
          `A listener of the protocol ${listener.protocol} has no certificate`,
        );
      await needCertificates(ctx, tx, [{ certificate }]);
      return { ...listener, certificate };
    });
    return {};
  },
);
