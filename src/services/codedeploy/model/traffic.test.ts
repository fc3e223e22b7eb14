import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PREDEFINED } from './deployment-config.ts';
import { isNetwork, isOfPair, weighted } from './strategies/weights.ts';
import { shiftsOf } from './traffic.ts';

/** `10 for 5 min, 100` */
const shown = (routing: Parameters<typeof shiftsOf>[0]) =>
  shiftsOf(routing)
    .map(({ percent, holdMs }) => (holdMs ? `${percent} for ${holdMs / 60_000} min` : `${percent}`))
    .join(', ');

test('CD-CFG-03, CD-CFG-04: each predefined configuration shifts as its name says', () => {
  for (const { deploymentConfigName = '', trafficRoutingConfig } of PREDEFINED) {
    if (!trafficRoutingConfig) continue;
    const said = shown(trafficRoutingConfig);
    const [, canary] = /Canary10Percent(\d+)Minutes/.exec(deploymentConfigName) ?? [];
    const [, linear] = /Linear10PercentEvery(\d+)Minute/.exec(deploymentConfigName) ?? [];
    const tens = Array.from({ length: 9 }, (_, n) => `${(n + 1) * 10} for ${linear} min`);
    const expected = canary
      ? `10 for ${canary} min, 100`
      : linear
        ? [...tens, '100'].join(', ')
        : '100';
    expect([deploymentConfigName, said]).toEqual([deploymentConfigName, expected]);
  }
});

test('CD-CFG-06: traffic only grows, no step is larger than it says, and the last is all of it', () =>
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 99 }), fc.nat({ max: 60 }), (percentage, interval) => {
      const timeBasedLinear = { linearPercentage: percentage, linearInterval: interval };
      const shifts = shiftsOf({ type: 'TimeBasedLinear', timeBasedLinear });
      const percents = [0, ...shifts.map(({ percent }) => percent)];
      const steps = percents.slice(1).map((percent, index) => percent - (percents[index] ?? 0));
      expect(steps.every((step) => step > 0 && step <= percentage)).toBe(true);
      expect(percents.at(-1)).toBe(100);
    }),
  ));

const pair = { blue: 'b', green: 'g' };
const forward = (...arns: string[]): Action => ({
  ...{ Type: 'forward', Order: 1 },
  ForwardConfig: {
    TargetGroups: arns.map((TargetGroupArn) => ({ TargetGroupArn, Weight: 1 })),
    TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 9 },
  },
});

test('an action is of the pair that leads to nothing else', () => {
  expect(
    [forward('b'), forward('b', 'g'), { Type: 'forward', TargetGroupArn: 'g' } as Action].every(
      (a) => isOfPair(a, pair),
    ),
  ).toBe(true);
  expect(
    [forward('b', 'x'), forward(), { Type: 'redirect' } as Action].some((a) => isOfPair(a, pair)),
  ).toBe(false);
});

test('weights are set, and all else stays; a Network Load Balancer has none', () => {
  expect(weighted(forward('b'), { ...pair, percent: 30 }, false)).toEqual({
    ...{ Type: 'forward', Order: 1 },
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: 'b', Weight: 70 },
        { TargetGroupArn: 'g', Weight: 30 },
      ],
      TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: 9 },
    },
  });
  const to = (percent: number) => weighted(forward('b'), { ...pair, percent }, true).TargetGroupArn;
  expect([to(0), to(100)]).toEqual(['b', 'g']);
  expect(isNetwork('arn:aws:elasticloadbalancing:r:1:listener/net/a/1/2')).toBe(true);
});
