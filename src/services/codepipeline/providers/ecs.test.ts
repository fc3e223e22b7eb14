import * as codedeploy from '@aws-sdk/client-codedeploy';
import * as client from '@aws-sdk/client-ecs';
import { afterEach, describe, expect, it } from 'vitest';
import { codeDeployToEcs } from './codedeploy-to-ecs.ts';
import { ecs } from './ecs.ts';
import { examples } from './examples/testing.ts';
import { type Bench, bench, outcomeOf } from './testing.ts';

let aws: Bench;
afterEach(() => aws.close());
const input = (name: string) => aws.calls.find(({ operation }) => operation === name)?.input;
const { answers = () => ({}), ...given } = examples['Deploy/ECS'] ?? { configuration: {} };

describe('CP-B13: ECS action', () => {
  it('changes the image of a container that there is', async () => {
    aws = await bench([client], answers());
    await outcomeOf(aws, ecs, given);
    expect(input('RegisterTaskDefinition')).toMatchObject({
      ...{ family: 'web', containerDefinitions: [{ name: 'app', image: 'app:2' }] },
    });
    expect(input('RegisterTaskDefinition')).not.toHaveProperty('revision');
    expect(input('UpdateService')).toMatchObject({ cluster: 'c', service: 'web' });
  });

  it.each([
    ['[{"name":"none","imageUri":"i"}]', 'The AWS ECS container none does not exist'],
    ['{}', 'imagedefinitions.json: it must be a JSON array'],
    ['[{"name":"app"}]', 'each of its entries must have name, imageUri'],
    [JSON.stringify('x'.repeat(110_000)), 'is larger than 102400 bytes'],
  ])('fails with %.40s', async (text, message) => {
    aws = await bench([client], answers());
    const inputs = { App: { 'imagedefinitions.json': text } };
    await expect(outcomeOf(aws, ecs, { ...given, inputs })).rejects.toThrow(message);
    expect(input('UpdateService')).toBeUndefined();
  });

  it('fails where the deployment does, or another takes its place', async () => {
    const deployment = { id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: 'FAILED' };
    const service = { serviceName: 'web', status: 'ACTIVE', taskDefinition: 'web:1' };
    aws = await bench([client], answers());
    const states = [
      { ...service, deployments: [] },
      { ...service, deployments: [{ ...deployment, rolloutStateReason: 'no tasks' }] },
    ];
    aws.answers.DescribeServices = () => ({ services: [states.shift()] });
    expect(await outcomeOf(aws, ecs, given)).toMatchObject({
      state: 'failed',
      message: 'no tasks',
    });
    states.push({ ...service, deployments: [] }, { ...service, deployments: [] });
    expect(await outcomeOf(aws, ecs, given)).toMatchObject({
      message: expect.stringContaining('was replaced'),
    });
  });

  it('hands the roles of its tasks on only where it may', async () => {
    aws = await bench([client], answers());
    const taskRoleArn = 'arn:aws:iam::111122223333:role/task';
    aws.answers.DescribeTaskDefinition = () => ({
      taskDefinition: { taskRoleArn, containerDefinitions: [{ name: 'app' }] },
    });
    aws.unpassable.add(taskRoleArn);
    await expect(outcomeOf(aws, ecs, given)).rejects.toThrow('iam:PassRole');
    expect(input('RegisterTaskDefinition')).toBeUndefined();
  });
});

it('CP-B12: images into the task definition, and that into the AppSpec', async () => {
  const { answers = () => ({}), ...given } = examples['Deploy/CodeDeployToECS'] ?? {
    configuration: {},
  };
  aws = await bench([client, codedeploy], answers());
  await outcomeOf(aws, codeDeployToEcs, given);
  expect(input('RegisterTaskDefinition')).toMatchObject({
    containerDefinitions: [{ name: 'app', image: 'app:2' }],
  });
  expect(input('CreateDeployment')).toMatchObject({
    revision: {
      revisionType: 'AppSpecContent',
      appSpecContent: { content: 'version: 0.0\nTaskDefinition: arn:web:1\n' },
    },
  });
});
