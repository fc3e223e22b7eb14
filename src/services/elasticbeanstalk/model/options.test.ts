import { describe, expect, test } from 'vitest';
import { problemsOf } from './options.ts';
import { batchSize, listenersOf, merged, portOf } from './settings.ts';

const of = (namespace: string, name: string, value: string) => ({ namespace, name, value });
const COMMAND = 'aws:elasticbeanstalk:command';
const PROPERTIES = 'aws:elasticbeanstalk:application:environment';

describe('options', () => {
  test.each([
    [of(COMMAND, 'DeploymentPolicy', 'Rolling'), undefined],
    [of(COMMAND, 'DeploymentPolicy', 'Sideways'), 'not one of the allowed values'],
    [of(COMMAND, 'DeploymentPolicy', 'Immutable'), 'not supported'],
    [of(COMMAND, 'Timeout', '3601'), 'exceeds maximum'],
    [of(COMMAND, 'Timeout', '1e3'), 'not a number'],
    [of('aws:elb:listener', 'ListenerEnabled', 'true'), 'Unknown configuration setting'],
    [of(PROPERTIES, 'A=B', 'x'), 'Unknown configuration setting'],
    [of(PROPERTIES, 'A', 'x'.repeat(5000)), 'more than 4096'],
    [of('aws:elbv2:listener:8080', 'ListenerEnabled', 'true'), undefined],
    [of('aws:elbv2:listener:99999', 'ListenerEnabled', 'true'), 'Unknown configuration setting'],
    [of('aws:elasticbeanstalk:environment:process:default', 'HealthCheckTimeout', '15'), 'smaller'],
  ])('%j', (setting, why) => {
    const [problem] = problemsOf([setting]);
    if (why === undefined) expect(problem).toBeUndefined();
    else expect(problem?.message).toContain(why);
  });

  test('batches are a part of the instances, or so many, and never none', () => {
    const sized = (type: string, size: string) => ({
      settings: [of(COMMAND, 'BatchSizeType', type), of(COMMAND, 'BatchSize', size)],
    });
    expect(batchSize(sized('Percentage', '30'), 10)).toBe(3);
    expect(batchSize(sized('Percentage', '1'), 3)).toBe(1);
    expect(batchSize(sized('Fixed', '2'), 10)).toBe(2);
    expect(batchSize({ settings: [] }, 4)).toBe(4);
  });

  test('listeners and ports are as settings say, and settings are merged', () => {
    const settings = merged(
      [of('aws:elbv2:listener:default', 'ListenerEnabled', 'false'), of(PROPERTIES, 'A', '1')],
      [of('aws:elbv2:listener:8081', 'ListenerEnabled', 'true'), of(PROPERTIES, 'PORT', '3000')],
      [{ namespace: PROPERTIES, name: 'A' }],
    );
    expect(listenersOf({ settings })).toEqual([8081]);
    expect(portOf({ settings })).toBe(3000);
    expect(settings.some(({ name }) => name === 'A')).toBe(false);
  });
});
