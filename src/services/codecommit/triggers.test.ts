import * as sdk from '@aws-sdk/client-codecommit';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { AwsError } from '../../aws/errors.ts';
import { eachDialect } from '../../db/testing.ts';
import type { ActAs, ClientClass, Platform } from '../../kit/service.ts';
import { jsonOf, makeDestinations, type Upstream } from '../../testing/upstream.ts';
import { ACCOUNT, REGION, type World, world } from '../../testing.ts';
import sns from '../sns/index.ts';
import service from './index.ts';

const TOPIC = `arn:aws:sns:${REGION}:${ACCOUNT}:news`;
const FUNCTION = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:f`;
const REPOSITORY = `arn:aws:codecommit:${REGION}:${ACCOUNT}:app`;

eachDialect('triggers of repositories', (makeDatabase) => {
  let server: World;
  let client: sdk.CodeCommitClient;
  let upstream: Upstream;
  let published: Record<string, unknown>[];
  let away: Error | undefined;

  /** SNS as it is, told what was published there. */
  const noted = (real: Platform['client']): Platform['client'] =>
    function client<T extends { destroy(): void }>(Client: ClientClass<T>, actAs: ActAs): T {
      const its = real(Client, actAs) as unknown as { send(c: object): Promise<unknown> };
      if (Client.name !== 'SNSClient') return its as unknown as T;
      const send = async (command: { input: { Message?: string } }) => {
        if (away) throw away;
        const answer = await its.send(command);
        const { Message } = command.input;
        if (Message !== undefined) published.push(JSON.parse(Message).Records[0]);
        return answer;
      };
      return { send, destroy() {} } as unknown as T;
    };

  beforeEach(async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIAENVIRONMENT');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    [published, away] = [[], undefined];
    upstream = await makeDestinations();
    server = await world(makeDatabase, [service, sns], { around: { client: noted } });
    server.platform.config.upstream.lambda = upstream.url;
    client = server.client(sdk.CodeCommitClient);
    await server.client(SNSClient).send(new CreateTopicCommand({ Name: 'news' }));
    await client.send(new sdk.CreateRepositoryCommand({ repositoryName: 'app' }));
  });
  afterEach(async () => {
    expect(server.failures).toEqual([]);
    await server.stop();
    await upstream.close();
    vi.unstubAllEnvs();
  });

  const trigger = (name: string, more: object = {}): sdk.RepositoryTrigger => ({
    ...{ name, destinationArn: TOPIC, branches: [], events: ['all'], ...more },
  });
  const put = (...triggers: sdk.RepositoryTrigger[]) =>
    client.send(new sdk.PutRepositoryTriggersCommand({ repositoryName: 'app', triggers }));
  async function commit(branchName: string, parentCommitId?: string): Promise<string> {
    const file = { filePath: `f${parentCommitId}`, fileContent: Buffer.from('x') };
    const made = await client.send(
      new sdk.PutFileCommand({ ...{ repositoryName: 'app', branchName, parentCommitId }, ...file }),
    );
    await server.runDue();
    return made.commitId ?? '';
  }

  test('CC-TR-01, CC-TR-02, CC-TRG-01: tell topics and functions of what they want', async () => {
    const { configurationId } = await put(
      trigger('all', { customData: 'mine' }),
      trigger('function', {
        ...{ destinationArn: FUNCTION, branches: ['main'], events: ['updateReference'] },
      }),
    );
    const get = new sdk.GetRepositoryTriggersCommand({ repositoryName: 'app' });
    expect(await client.send(get)).toMatchObject({
      configurationId,
      triggers: [{ name: 'all', customData: 'mine', branches: [] }, { name: 'function' }],
    });
    const first = await commit('main');
    const second = await commit('main', first);
    const userIdentityARN = `arn:aws:iam::${ACCOUNT}:root`;
    const told = { eventSourceARN: REPOSITORY, eventTriggerName: 'all', customData: 'mine' };
    const ref = 'refs/heads/main';
    expect(published).toMatchObject([
      {
        ...{ ...told, eventTriggerConfigId: configurationId, userIdentityARN },
        codecommit: { references: [{ commit: first, created: true, ref }] },
      },
      { ...told, codecommit: { references: [{ commit: second, ref }] } },
    ]);
    expect(upstream.calls).toMatchObject([{ operation: 'Invoke' }]);
    expect(jsonOf(upstream.calls[0]?.input.Payload).Records[0]).toMatchObject({
      ...{ eventTriggerName: 'function', codecommit: { references: [{ commit: second, ref }] } },
    });
    await put();
    await commit('main', second);
    expect(published).toHaveLength(2);
    expect((await client.send(get)).triggers).toEqual([]);
  });

  test('CC-TRG-02: who is away is told later, and once; who refuses is told nothing', async () => {
    await put(trigger('all'));
    const $metadata = { httpStatusCode: 500 };
    away = Object.assign(new AwsError('InternalError', 'no', 500), { $metadata });
    const first = await commit('main');
    expect(published).toEqual([]);
    away = undefined;
    server.clock.advance(1000);
    await server.runDue();
    await server.sweep();
    expect(published).toHaveLength(1);
    server.denied.add('sns:Publish');
    await commit('main', first);
    server.denied.clear();
    server.clock.advance(60_000);
    await server.sweep();
    expect(published).toHaveLength(1);
  });

  test('CC-TR-03: a test really tells them, says who was not told, and keeps nothing', async () => {
    const nobody = trigger('nobody', { destinationArn: `${TOPIC}-gone` });
    const triggers = [trigger('all'), nobody];
    const command = new sdk.TestRepositoryTriggersCommand({ repositoryName: 'app', triggers });
    expect(await client.send(command)).toMatchObject({
      successfulExecutions: ['all'],
      failedExecutions: [
        { trigger: 'nobody', failureMessage: expect.stringContaining('not authorized') },
      ],
    });
    expect(published).toMatchObject([
      {
        ...{ eventName: 'TriggerEventTest', eventTriggerName: 'all' },
        codecommit: { references: [{ commit: '0'.repeat(40) }] },
      },
    ]);
    const get = new sdk.GetRepositoryTriggersCommand({ repositoryName: 'app' });
    expect((await client.send(get)).triggers).toEqual([]);
  });

  test('CC-LIM-07, CC-TR-02: what is no trigger is refused by its own name', async () => {
    const wrong: [string, object | undefined][] = [
      ['RepositoryTriggerNameRequiredException', { name: '' }],
      ['InvalidRepositoryTriggerNameException', { name: 'a b' }],
      ['RepositoryTriggerDestinationArnRequiredException', { destinationArn: '' }],
      ['InvalidRepositoryTriggerDestinationArnException', { destinationArn: `${TOPIC}.fifo` }],
      ['InvalidRepositoryTriggerDestinationArnException', { destinationArn: 'x' }],
      [
        'InvalidRepositoryTriggerRegionException',
        { destinationArn: TOPIC.replace(REGION, 'us-east-2') },
      ],
      ['InvalidRepositoryTriggerCustomDataException', { customData: 'x'.repeat(1001) }],
      ['RepositoryTriggerBranchNameListRequiredException', { branches: undefined }],
      ['MaximumBranchesExceededException', { branches: Array(11).fill('a') }],
      ['InvalidRepositoryTriggerBranchNameException', { branches: ['a..b'] }],
      ['RepositoryTriggerEventsListRequiredException', { events: [] }],
      ['InvalidRepositoryTriggerEventsException', { events: ['all', 'createReference'] }],
      ['InvalidRepositoryTriggerEventsException', { events: ['push'] }],
    ];
    for (const [name, more] of wrong)
      await expect(put(trigger('a', more))).rejects.toThrow(expect.objectContaining({ name }));
    const many = Array.from({ length: 11 }, (_, n) => trigger(`t${n}`));
    await expect(put(...many)).rejects.toThrow(sdk.MaximumRepositoryTriggersExceededException);
    await expect(put(trigger('a'), trigger('a'))).rejects.toThrow(
      sdk.InvalidRepositoryTriggerNameException,
    );
    await put(...many.slice(1));
  });
});
