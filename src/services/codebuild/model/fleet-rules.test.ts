import type { Fleet, UpdateFleetInput } from '@aws-sdk/client-codebuild';
import { describe, expect, test } from 'vitest';
import { computeOf } from './fleet.ts';
import { checkFleet, mergedFleet } from './fleet-rules.ts';

const ACCOUNT = '123456789012';
const fleet: Fleet = {
  ...{ name: 'f', baseCapacity: 2, environmentType: 'LINUX_CONTAINER' },
  computeType: 'BUILD_GENERAL1_SMALL',
};
const check = (more: object) => () => checkFleet({ ...fleet, ...more } as Fleet, ACCOUNT);
const tracking = [{ metricType: 'FLEET_UTILIZATION_RATE', targetValue: 80 }];
const scaling = (more: object) => ({
  scalingConfiguration: {
    ...{ scalingType: 'TARGET_TRACKING_SCALING', targetTrackingScalingConfigs: tracking },
    ...{ maxCapacity: 4, ...more },
  },
});
const compute = (computeConfiguration: object) => ({
  computeType: 'ATTRIBUTE_BASED_COMPUTE',
  computeConfiguration,
});
const proxy = (type: string, entity: string, effect = 'ALLOW') => ({
  proxyConfiguration: { orderedProxyRules: [{ type, effect, entities: [entity] }] },
});
const vpcConfig = { vpcId: 'vpc-1', subnets: ['s'], securityGroupIds: ['g'] };

describe('CB-J8: a fleet', () => {
  test.each([
    {},
    scaling({}),
    scaling({ maxCapacity: 2 }),
    compute({ vCpu: 4, memory: 8 }),
    compute({ vCpu: 4, machineType: 'GENERAL' }),
    { vpcConfig },
    { environmentType: 'LINUX_EC2' },
    { proxyConfiguration: { defaultBehavior: 'ALLOW_ALL' } },
    proxy('DOMAIN', '*.example.com'),
    proxy('IP', '10.0.0.0/8'),
    { fleetServiceRole: `arn:aws:iam::${ACCOUNT}:role/fleet` },
  ])('is in order with %j', (more) => {
    expect(check(more)).not.toThrow();
  });

  test.each([
    ['base capacity', { baseCapacity: 0 }],
    ['base capacity', { baseCapacity: -1 }],
    ['no less than baseCapacity', scaling({ maxCapacity: 1 })],
    ['maxCapacity is required', scaling({ maxCapacity: undefined })],
    ['scalingType is required', scaling({ scalingType: undefined })],
    ['one target tracking', scaling({ targetTrackingScalingConfigs: [] })],
    ['metricType is required', scaling({ targetTrackingScalingConfigs: [{ targetValue: 1 }] })],
    [
      'targetValue must be',
      scaling({ targetTrackingScalingConfigs: [{ ...tracking[0], targetValue: 0 }] }),
    ],
    [
      'targetValue must be',
      scaling({ targetTrackingScalingConfigs: [{ ...tracking[0], targetValue: Number.NaN }] }),
    ],
    ['not for the compute type', { computeConfiguration: { vCpu: 2 } }],
    ['vCpu, memory or both', compute({})],
    ['vCpu must be from 1', compute({ vCpu: 0 })],
    ['memory must be from 1', compute({ memory: 1e9 })],
    ['for the compute type CUSTOM_INSTANCE_TYPE', compute({ vCpu: 1, instanceType: 't3.micro' })],
    ['needs a subnet', { vpcConfig: { ...vpcConfig, subnets: [] } }],
    ['is no IP of a rule', proxy('IP', 'example.com')],
    ['is no DOMAIN of a rule', proxy('DOMAIN', 'http://x')],
    ['not a valid role ARN', { fleetServiceRole: 'fleet' }],
    ['account ID does not match', { fleetServiceRole: 'arn:aws:iam::999999999999:role/fleet' }],
    ['keys that begin with aws:', { tags: [{ key: 'aws:x', value: '1' }] }],
  ])('is refused: %s (%j)', (message, more) => {
    expect(check(more)).toThrow(message);
  });

  test.each([
    ['the environment type MAC_ARM', { environmentType: 'MAC_ARM' }],
    ['the environment type WINDOWS_EC2', { environmentType: 'WINDOWS_EC2' }],
    ['the environment type LINUX_LAMBDA', { environmentType: 'LINUX_LAMBDA_CONTAINER' }],
    ['the compute type CUSTOM_INSTANCE_TYPE', { computeType: 'CUSTOM_INSTANCE_TYPE' }],
    ['the compute type BUILD_LAMBDA_1GB', { computeType: 'BUILD_LAMBDA_1GB' }],
    ['computeConfiguration.disk', compute({ vCpu: 1, disk: 64 })],
    ['computeConfiguration.machineType NVME', compute({ vCpu: 1, machineType: 'NVME' })],
    ['imageId', { imageId: 'ami-1' }],
    ['DENY_ALL', { proxyConfiguration: { defaultBehavior: 'DENY_ALL' } }],
    ['the effect DENY', proxy('DOMAIN', 'example.com', 'DENY')],
  ])('is refused by name: %s', (message, more) => {
    expect(check(more)).toThrow(expect.objectContaining({ code: 'NotImplemented', status: 501 }));
    expect(check(more)).toThrow(message);
  });
});

test('a machine has what its compute type says, or its configuration', () => {
  expect(computeOf(fleet)).toEqual({ memoryGiB: 4, cpus: 2 });
  expect(computeOf(compute({ vCpu: 3 }) as Fleet)).toEqual({ cpus: 3 });
});

test('an update leaves what it does not name, and takes off what it names empty', () => {
  const whole = { ...fleet, ...scaling({}), vpcConfig } as Fleet;
  const arn = 'arn';
  expect(mergedFleet(whole, { arn, baseCapacity: 3 })).toEqual({ ...whole, baseCapacity: 3 });
  const bare = { arn, vpcConfig: {}, scalingConfiguration: {} } as UpdateFleetInput;
  expect(mergedFleet(whole, bare)).toEqual(fleet);
});
