import { expect, test } from 'vitest';
import { type Reroute, waitEnd, wayOf } from './blue-green.ts';

const MINUTE = 60_000;

test.each([
  ['nothing said', undefined, {}],
  ['traffic that does not wait', { actionOnTimeout: 'CONTINUE_DEPLOYMENT' as const }, {}],
  [
    'traffic that waits',
    { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 5 },
    { readyWaitMs: 5 * MINUTE },
  ],
  [
    'as long as any',
    { actionOnTimeout: 'STOP_DEPLOYMENT' as const },
    { readyWaitMs: 2880 * MINUTE },
  ],
])('CD-DGF-11: %s', (_words, deploymentReadyOption, way) => {
  expect(wayOf(deploymentReadyOption && { deploymentReadyOption })).toEqual(way);
});

test('CD-DGF-11: original instances stay, or go after a time', () => {
  const blue = (action: 'TERMINATE' | 'KEEP_ALIVE', minutes?: number) =>
    wayOf({
      terminateBlueInstancesOnDeploymentSuccess: {
        ...{ action, terminationWaitTimeInMinutes: minutes },
      },
    });
  expect(blue('KEEP_ALIVE', 5)).toEqual({});
  expect(blue('TERMINATE', 5)).toEqual({ terminationWaitMs: 5 * MINUTE });
  expect(blue('TERMINATE')).toEqual({ terminationWaitMs: 0 });
});

test.each<[string, Reroute, number | undefined]>([
  ['not yet', {}, undefined],
  ['ready', { readyAt: 10 }, 11],
  ['continued', { readyAt: 10, continued: true }, undefined],
  ['rerouted', { readyAt: 10, waitsSince: 20 }, 22],
  ['being terminated', { readyAt: 10, waitsSince: 20, termination: 'asked' }, undefined],
])('the wait that runs ends: %s', (_words, reroute, end) => {
  expect(waitEnd({ takesBack: false, reroute, readyWaitMs: 1, terminationWaitMs: 2 })).toBe(end);
});
