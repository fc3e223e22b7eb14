import { type Instance, type InstanceBody, METADATA_DEFAULTS } from './instance.ts';

/** An instance that was asked for just now, for tests. */
export function someInstance(body: Partial<InstanceBody> = {}): Instance {
  const id = 'i-0123456789abcdef0';
  return {
    ...{ accountId: '111122223333', region: 'us-east-1', id, state: 'pending' },
    ...{ clientToken: undefined, wantedBoots: 1, boots: 0, handle: undefined, address: undefined },
    ...{ reachable: false, terminatedAt: undefined },
    body: {
      ...{ reservationId: 'r-0123456789abcdef0', launchIndex: 0, imageId: 'ami-0123456789abcdef0' },
      ...{ image: 'debian:12', type: 't3.micro', zone: 'us-east-1a', subnetId: 'subnet-01234567' },
      ...{ groups: ['sg-01234567'], metadata: METADATA_DEFAULTS, onShutdown: 'stop' },
      ...{ keepsRunning: { termination: false, stop: false }, monitored: false },
      ...{ ebsOptimized: false, sourceDestCheck: true, launchedAt: Date.UTC(2026, 0, 1) },
      place: { work: `ec2-${id}`, network: 'ec2-vpc-1', tools: 'ec2-tools-1' },
      ...body,
    },
  };
}
