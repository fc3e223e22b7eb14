import type { Instance } from './instance.ts';
import { METADATA_DEFAULTS } from './instance.ts';

// Instances for tests of the model.

export const newInstance = (more: Partial<Instance> = {}): Instance => ({
  ...{ accountId: '111111111111', region: 'us-east-1', id: 'i-0123456789abcdef0' },
  ...{ state: 'pending', clientToken: undefined, wantedBoots: 1, boots: 0, handle: undefined },
  ...{ address: undefined, reachable: false, terminatedAt: undefined },
  body: {
    ...{ reservationId: 'r-1', launchIndex: 0, imageId: 'ami-1', image: 'x', type: 't3.micro' },
    ...{ zone: 'us-east-1a', subnetId: 'subnet-1', groups: ['sg-1'] },
    metadata: METADATA_DEFAULTS,
    keepsRunning: { termination: false, stop: false },
    ...{ onShutdown: 'stop', monitored: false, ebsOptimized: false, sourceDestCheck: true },
    place: { work: 'ec2-i-0123456789abcdef0', network: 'n', tools: 't' },
    launchedAt: 0,
  },
  ...more,
});
