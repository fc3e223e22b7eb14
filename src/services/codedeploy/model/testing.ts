import type { Snapshot, Write } from './deployment-state.ts';

// Deployments for tests of the model.

export const START = 1_000_000;

/** A deployment to `hosts` hosts that nothing has been done for. */
export function snapshot(hosts: number, more: Partial<Snapshot> = {}): Snapshot {
  return {
    deploymentId: 'd-ABCDEFGHI',
    groupId: 'group',
    accountId: '111111111111',
    region: 'us-east-1',
    status: 'Created',
    createdAt: START,
    creator: 'user',
    minimumHealthyHosts: { type: 'HOST_COUNT', value: 0 },
    ignoreApplicationStopFailures: false,
    applicationExists: true,
    groupExists: true,
    serviceRoleArn: 'arn:aws:iam::111111111111:role/deploy',
    role: 'ok',
    watchesAlarms: false,
    trafficControl: false,
    waitsForOther: false,
    hasLastSuccessful: false,
    candidates: Array.from({ length: hosts }, (_, index) => ({
      name: `host-${index}`,
      health: 'Healthy',
      revision: 'Old',
    })),
    targets: [],
    ...more,
  };
}

/** A snapshot with writes put in, as the store does it. */
export function written(before: Snapshot, writes: Write[]): Snapshot {
  const state = structuredClone(before);
  const target = (name: string) => state.targets.find((t) => t.name === name);
  for (const write of writes) {
    if (write.type === 'deployment') {
      const { reroute, fleet, ...set } = write.set;
      Object.assign(state, set);
      if (state.blueGreen)
        Object.assign(state.blueGreen, reroute && { reroute }, fleet && { fleet });
    }
    if (write.type === 'targets') state.targets = structuredClone(write.targets);
    if (write.type === 'target') Object.assign(target(write.name) ?? {}, write.set);
    if (write.type === 'event')
      Object.assign(target(write.target)?.events[write.position] ?? {}, write.set);
    if (write.type === 'end') state.status = write.status;
  }
  return state;
}
