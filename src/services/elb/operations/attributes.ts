import type { LoadBalancerAttributes } from '@aws-sdk/client-elastic-load-balancing';
import { unsupported } from '../../../aws/errors.ts';
import { attributeNotFound, configuration } from '../errors.ts';
import type { Attributes } from '../model/things.ts';
import { onBalancer } from '../resources/balancer.ts';
import { elb } from './declare.ts';
import { change } from './shared.ts';

const DESYNC = 'elb.http.desyncmitigationmode';

const shown = ({
  crossZone,
  draining,
  idleSeconds,
  desync,
}: Attributes): LoadBalancerAttributes => ({
  CrossZoneLoadBalancing: { Enabled: crossZone },
  AccessLog: { Enabled: false },
  ConnectionDraining: { Enabled: draining.enabled, Timeout: draining.seconds },
  ConnectionSettings: { IdleTimeout: idleSeconds },
  AdditionalAttributes: [{ Key: DESYNC, Value: desync }],
});

/** What a caller says, over what there was. @throws what is wrong with it, and a refusal of what is not served */
function read(before: Attributes, given: LoadBalancerAttributes): Attributes {
  const now = { ...before };
  const { CrossZoneLoadBalancing, AccessLog, ConnectionDraining, ConnectionSettings } = given;
  if (AccessLog?.Enabled) throw unsupported('access logs of load balancers');
  if (CrossZoneLoadBalancing) now.crossZone = CrossZoneLoadBalancing.Enabled ?? false;
  if (ConnectionDraining) {
    const { Enabled = false, Timeout: seconds = now.draining.seconds } = ConnectionDraining;
    if (seconds < 1 || seconds > 3600)
      throw configuration('ConnectionDraining timeout must be between 1 and 3600');
    now.draining = { enabled: Enabled, seconds };
  }
  if (ConnectionSettings) now.idleSeconds = ConnectionSettings.IdleTimeout ?? now.idleSeconds;
  for (const { Key = '', Value = '' } of given.AdditionalAttributes ?? []) {
    if (Key !== DESYNC) throw attributeNotFound(Key);
    if (Value === 'monitor' || Value === 'strictest')
      throw unsupported(`the attribute ${Key}=${Value}`);
    if (Value !== 'defensive')
      throw configuration(`'${Value}' is not a value of the attribute '${Key}'`);
    now.desync = Value;
  }
  return now;
}

export const describeLoadBalancerAttributes = elb(
  'describeLoadBalancerAttributes',
  onBalancer,
  async (_ctx, _input, { attributes }) => ({ LoadBalancerAttributes: shown(attributes) }),
);

export const modifyLoadBalancerAttributes = elb(
  'modifyLoadBalancerAttributes',
  onBalancer,
  async (ctx, { LoadBalancerAttributes: given = {} }, found) => {
    const { attributes, name } = await change(ctx, found, (one) => ({
      ...one,
      attributes: read(one.attributes, given),
    }));
    const all = shown(attributes);
    // What was said, and no more, as at AWS.
    const said = Object.keys(given) as (keyof LoadBalancerAttributes)[];
    return {
      LoadBalancerName: name,
      LoadBalancerAttributes: Object.fromEntries(said.map((key) => [key, all[key]])),
    };
  },
);
