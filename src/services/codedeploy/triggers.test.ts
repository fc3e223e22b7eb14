import * as sdk from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AwsError } from '../../aws/errors.ts';
import { eachDialect } from '../../db/testing.ts';
import type { ActAs, ClientClass, Platform } from '../../kit/service.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import sns from '../sns/index.ts';
import codedeploy from './index.ts';
import { START_TIMEOUT_MS } from './model/lifecycle.ts';

const ROLE = `arn:aws:iam::${ACCOUNT}:role/deploy`;
const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
const GROUP = { applicationName: 'app', deploymentGroupName: 'group' };

eachDialect('triggers of deployment groups', (makeDatabase) => {
  let server: World;
  let client: sdk.CodeDeployClient;
  let published: { Subject: string; message: Record<string, unknown> }[];
  let away: Error | undefined;

  /** SNS as it is, told what was published there. */
  const noted = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      const its = real(Client, actAs);
      if (Client.name !== 'SNSClient') return its;
      const send = async (command: { input: { Subject: string; Message: string } }) => {
        if (away) throw away;
        const answer = await (its as unknown as { send(c: object): Promise<unknown> }).send(
          command,
        );
        const { Subject, Message } = command.input;
        if (Message !== undefined) published.push({ Subject, message: JSON.parse(Message) });
        return answer;
      };
      return { send, destroy() {} } as unknown as T;
    };

  beforeEach(async () => {
    [published, away] = [[], undefined];
    server = await world(makeDatabase, [codedeploy, sns], { around: { client: noted } });
    client = server.client(sdk.CodeDeployClient);
    await server.client(SNSClient).send(new CreateTopicCommand({ Name: 'news' }));
    const iam = server.client(IAMClient);
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    const trust = { Action: 'sts:AssumeRole', Principal: { Service: 'codedeploy.amazonaws.com' } };
    await iam.send(
      new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: policy(trust) }),
    );
    const PolicyDocument = policy({ Action: 'sns:Publish', Resource: TOPIC });
    await iam.send(
      new PutRolePolicyCommand({ RoleName: 'deploy', PolicyName: 'may', PolicyDocument }),
    );
    await client.send(new sdk.CreateApplicationCommand({ applicationName: 'app' }));
    const iamUserArn = `arn:aws:iam::${ACCOUNT}:user/one`;
    await client.send(
      new sdk.RegisterOnPremisesInstanceCommand({ instanceName: 'one', iamUserArn }),
    );
    const tags = [{ Key: 'fleet', Value: 'web' }];
    await client.send(
      new sdk.AddTagsToOnPremisesInstancesCommand({ instanceNames: ['one'], tags }),
    );
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const trigger = (triggerName: string, ...triggerEvents: sdk.TriggerEventType[]) => ({
    ...{ triggerName, triggerTargetArn: TOPIC, triggerEvents },
  });
  const create = (triggerConfigurations: sdk.TriggerConfig[]) =>
    client.send(
      new sdk.CreateDeploymentGroupCommand({
        ...{ ...GROUP, serviceRoleArn: ROLE, triggerConfigurations },
        onPremisesInstanceTagFilters: [{ Key: 'fleet', Value: 'web', Type: 'KEY_AND_VALUE' }],
      }),
    );
  async function deploy(): Promise<string> {
    const s3Location = { bucket: 'b', key: 'a.zip', bundleType: 'zip' as const };
    const revision = { revisionType: 'S3' as const, s3Location };
    const made = await client.send(new sdk.CreateDeploymentCommand({ ...GROUP, revision }));
    await server.runDue();
    return made.deploymentId ?? '';
  }
  const told = () => published.map(({ message }) => message.eventTriggerName);

  test('CD-DGF-08, CD-EVT-02, CD-EVT-03: each tells its topic of its events, under the service role', async () => {
    await create([
      trigger('start', 'DeploymentStart', 'InstanceStart'),
      trigger('end', 'InstanceFailure', 'DeploymentFailure', 'DeploymentSuccess'),
    ]);
    const deploymentId = await deploy();
    expect(told()).toEqual(['start', 'start']);
    expect(server.asked).toContain(`sns:Publish ${TOPIC}`);
    server.clock.advance(START_TIMEOUT_MS);
    await server.runDue();
    expect(told().slice(2)).toEqual(['end', 'end']);
    const place = { region: REGION, accountId: ACCOUNT, deploymentId };
    const instanceId = `arn:aws:codedeploy:${REGION}:${ACCOUNT}:instance/one`;
    const byStatus = (status: string) =>
      published.find(({ message }) => [message.status, message.instanceStatus].includes(status));
    const bySubject = published.filter(({ Subject }) => Subject.startsWith('FAILED:'));
    expect(bySubject).toHaveLength(2);
    expect(byStatus('InProgress')).toMatchObject({
      Subject: `INPROGRESS: AWS CodeDeploy ${deploymentId} in ${REGION} to app`,
      message: place,
    });
    const messages = bySubject.map(({ message }) => message);
    expect(messages).toContainEqual(
      expect.objectContaining({ ...place, instanceId, instanceStatus: 'Failed' }),
    );
    expect(messages).toContainEqual(
      expect.objectContaining({
        ...{ ...place, applicationName: 'app', deploymentGroupName: 'group', status: 'Failed' },
        deploymentOverview: expect.objectContaining({ Failed: '1', Pending: '0' }),
        errorInformation: expect.objectContaining({ ErrorCode: 'AGENT_ISSUE' }),
      }),
    );
  });

  test('CD-DGF-08: SNS that is away is told later, and once; one that refuses is told nothing', async () => {
    await create([trigger('start', 'DeploymentStart')]);
    away = Object.assign(new AwsError('InternalError', 'no', 500), {
      $metadata: { httpStatusCode: 500 },
    });
    await deploy();
    expect(told()).toEqual([]);
    away = undefined;
    server.clock.advance(1000);
    await server.runDue();
    expect(told()).toEqual(['start']);
    await server.sweep();
    expect(told()).toEqual(['start']);
    server.denied.add('sns:Publish');
    server.clock.advance(START_TIMEOUT_MS);
    await server.runDue();
    await deploy();
    expect(told()).toEqual(['start']);
    server.denied.clear();
    server.clock.advance(60_000);
    await server.sweep();
    expect(told()).toEqual(['start']);
  });

  test('CD-DGF-08: what is no trigger is refused, and a list replaces the one before', async () => {
    const wrong: sdk.TriggerConfig[][] = [
      [trigger('a')],
      [trigger('', 'DeploymentStart')],
      [trigger('a', 'DeploymentStart'), trigger('a', 'DeploymentStop')],
      [trigger('a', 'DeploymentEnd' as never)],
      [{ ...trigger('a', 'DeploymentStart'), triggerTargetArn: `${TOPIC}.fifo` }],
      [{ ...trigger('a', 'DeploymentStart'), triggerTargetArn: TOPIC.replace('sns', 'sqs') }],
    ];
    for (const triggers of wrong)
      await expect(create(triggers)).rejects.toThrow(sdk.InvalidTriggerConfigException);
    const many = Array.from({ length: 11 }, (_, n) => trigger(`t${n}`, 'DeploymentStart'));
    await expect(create(many)).rejects.toThrow(sdk.TriggerTargetsLimitExceededException);
    await create(many.slice(1));
    const triggers = async () => {
      const get = new sdk.GetDeploymentGroupCommand(GROUP);
      return (await client.send(get)).deploymentGroupInfo?.triggerConfigurations;
    };
    expect(await triggers()).toEqual(many.slice(1));
    const { applicationName, deploymentGroupName: currentDeploymentGroupName } = GROUP;
    const named = { applicationName, currentDeploymentGroupName };
    await client.send(new sdk.UpdateDeploymentGroupCommand(named));
    expect(await triggers()).toHaveLength(10);
    await client.send(
      new sdk.UpdateDeploymentGroupCommand({ ...named, triggerConfigurations: [] }),
    );
    expect(await triggers()).toEqual([]);
  });
});
