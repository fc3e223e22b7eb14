import { isIP } from 'node:net';
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { unsupported } from '../../../aws/errors.ts';
import { addressesOfInstances } from '../../../kit/load-balancing/instances.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidTarget, tooManyTargets } from '../errors.ts';
import { MAX_TARGETS } from '../limits.ts';
import type { Target, TargetGroup } from '../model/things.ts';

type Place = Pick<Target, 'id' | 'port' | 'address' | 'ours' | 'zone'>;

/** Where targets are that are to be registered. @throws InvalidTarget for those that cannot be */
export async function placesOf(
  ctx: ServiceContext,
  group: TargetGroup,
  given: readonly TargetDescription[],
): Promise<Place[]> {
  if (given.length > MAX_TARGETS) throw tooManyTargets();
  const places: Place[] = [];
  const addressOf = group.targetType === 'ip' ? byAddress : await byInstance(ctx, group, given);
  for (const { Id = '', Port: port = group.port, AvailabilityZone: zone, ...more } of given) {
    if (more.QuicServerId !== undefined) throw unsupported('QuicServerId of targets');
    const place = { id: Id, port, zone, ...addressOf(Id) };
    if (!ctx.balancers.reach(place)) throw unreachable(place);
    places.push(place);
  }
  return places;
}

function byAddress(address: string) {
  if (isIP(address) === 0) throw invalid(`The IP address '${address}' is not a valid IP address`);
  if (isIP(address) === 6) throw unsupported('targets at IPv6 addresses');
  return { address, ours: false };
}

const unreachable = ({ id, address, port }: Place) =>
  invalidTarget(
    id === address
      ? `The IP address '${address}' with the port ${port} cannot be a target here: targets are programs of this machine, where the server listens on loopback, its instances, and what --allow-internal-targets names; never link-local addresses, the server itself or a load balancer`
      : `The following targets cannot be reached: '${id}'`,
  );

async function byInstance(
  ctx: ServiceContext,
  group: TargetGroup,
  given: readonly TargetDescription[],
) {
  const ids = [...new Set(given.map(({ Id = '' }) => Id))];
  const found = await addressesOfInstances(ctx, group.arn, ids);
  if ('unknown' in found) throw invalidTarget(`Instance ID '${found.unknown}' is not valid`);
  return (id: string) => {
    const address = found.known.get(id);
    if (address === undefined)
      throw invalidTarget(
        `The following targets are not in a running state and cannot be registered: '${id}'`,
      );
    return { address, ours: true };
  };
}
