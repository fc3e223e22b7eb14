import { isIP } from 'node:net';
import type { TargetDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { unsupported } from '../../../aws/errors.ts';
import { addressOfInstance } from '../../../kit/load-balancing/instances.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalid, invalidTarget } from '../errors.ts';
import type { Target, TargetGroup } from '../model/things.ts';

type Place = Pick<Target, 'id' | 'port' | 'address' | 'ours' | 'zone'>;

/** Where targets are that are to be registered. @throws InvalidTarget for those that cannot be */
export async function placesOf(
  ctx: ServiceContext,
  group: TargetGroup,
  given: readonly TargetDescription[],
): Promise<Place[]> {
  const places: Place[] = [];
  for (const { Id = '', Port: port = group.port, AvailabilityZone: zone, ...more } of given) {
    if (more.QuicServerId !== undefined) throw unsupported('QuicServerId of targets');
    const at = group.targetType === 'ip' ? byAddress(Id) : await byInstance(ctx, group, Id);
    const place = { id: Id, port, zone, ...at };
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

async function byInstance(ctx: ServiceContext, group: TargetGroup, id: string) {
  const found = await addressOfInstance(ctx, group.arn, id);
  if (found === 'unknown') throw invalidTarget(`Instance ID '${id}' is not valid`);
  if (found === 'not running')
    throw invalidTarget(
      `The following targets are not in a running state and cannot be registered: '${id}'`,
    );
  return { ...found, ours: true };
}
