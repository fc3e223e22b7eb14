import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  DeauthorizeConnectionCommand,
  DescribeConnectionCommand,
  ListApiDestinationsCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateApiDestinationCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { OutboundFailed } from '../../network/outbound.ts';
import { ACCOUNT } from '../../testing.ts';
import type { HttpRequest } from './model/http-request.ts';
import { type EventsWorld, eventsWorld, queueArn } from './testing.ts';

const SECRET = 'correct horse battery staple';

eachDialect('API destinations', (makeDatabase) => {
  let server: EventsWorld;
  let sent: HttpRequest[];
  let answers: { status: number; body?: string }[];

  beforeEach(async () => {
    server = await eventsWorld(makeDatabase);
    sent = [];
    answers = [];
    const outbound = {
      async send(request: HttpRequest) {
        sent.push(request);
        const { status, body = '' } = answers.shift() ?? { status: 200 };
        return { status, body: Buffer.from(body) };
      },
    };
    Object.assign(server.platform, { outbound });
    const iam = server.client(IAMClient);
    const policy = (statement: object) =>
      JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    await iam.send(
      new CreateRoleCommand({
        RoleName: 'caller',
        AssumeRolePolicyDocument: policy({
          Action: 'sts:AssumeRole',
          Principal: { Service: 'events.amazonaws.com' },
        }),
      }),
    );
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: 'caller',
        PolicyName: 'may',
        PolicyDocument: policy({ Action: 'events:InvokeApiDestination', Resource: '*' }),
      }),
    );
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const connect = (input: object) =>
    server.bridge.send(
      new CreateConnectionCommand({
        ...{ Name: 'hook', AuthorizationType: 'API_KEY' },
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: SECRET } },
        ...input,
      }),
    );
  async function listen(connection: object = {}, target: object = {}) {
    const { ConnectionArn } = await connect(connection);
    const { ApiDestinationArn } = await server.bridge.send(
      new CreateApiDestinationCommand({
        ...{ Name: 'hook', ConnectionArn, HttpMethod: 'POST' },
        InvocationEndpoint: 'https://hooks.example/*/in',
      }),
    );
    await server.bridge.send(
      new PutRuleCommand({ Name: 'r', EventPattern: '{"source": ["my.app"]}' }),
    );
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/caller`;
    const DeadLetterConfig = { Arn: queueArn('dead') };
    const Targets = [{ Id: '1', Arn: ApiDestinationArn, RoleArn, DeadLetterConfig, ...target }];
    await server.bridge.send(new PutTargetsCommand({ Rule: 'r', Targets }));
  }
  async function put() {
    const entry = { Source: 'my.app', DetailType: 'made', Detail: '{"a": 1}' };
    await server.bridge.send(new PutEventsCommand({ Entries: [entry] }));
    await server.runDue();
  }

  it('are called with the key, the path, the headers and the body that are said', async () => {
    await listen(
      {},
      {
        HttpParameters: {
          PathParameterValues: ['a/b'],
          HeaderParameters: { 'X-More': '1' },
          QueryStringParameters: { q: 'x y' },
        },
        InputPath: '$.detail',
      },
    );
    await put();
    expect(sent).toMatchObject([
      {
        ...{ method: 'POST', url: 'https://hooks.example/a%2Fb/in?q=x+y', body: '{"a":1}' },
        headers: { 'x-key': SECRET, 'x-more': '1' },
      },
    ]);
  });

  it.each([
    ['https://*/in', 'a b'],
    ['https://hooks.example/*', '\ud800'],
  ])(
    '%s with what makes no address of it is not called, and not for ever',
    async (InvocationEndpoint, value) => {
      await listen({}, { HttpParameters: { PathParameterValues: [value] } });
      await server.bridge.send(
        new UpdateApiDestinationCommand({ Name: 'hook', InvocationEndpoint }),
      );
      await put();
      expect(sent).toEqual([]);
      expect(server.received('dead')).toHaveLength(1);
    },
  );

  it.each(['file:///etc/passwd', 'gopher://hooks.example/'])(
    'are of the web, not %s',
    async (url) => {
      await listen();
      const change = { Name: 'hook', InvocationEndpoint: url };
      await expect(server.bridge.send(new UpdateApiDestinationCommand(change))).rejects.toThrow(
        'InvocationEndpoint is not valid',
      );
      const oauth = {
        ...{ AuthorizationEndpoint: url, HttpMethod: 'POST' },
        ClientParameters: { ClientID: 'a', ClientSecret: SECRET },
      };
      const other = { Name: 'o', AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS' };
      await expect(
        connect({ ...other, AuthParameters: { OAuthParameters: oauth } }),
      ).rejects.toThrow('AuthorizationEndpoint is not valid');
    },
  );

  it('make nobody wait but their like, however many of them never answer', async () => {
    await listen();
    const never = Promise.withResolvers<never>();
    Object.assign(server.platform.outbound, { send: () => never.promise });
    const queue = { Id: '2', Arn: queueArn('queue') };
    await server.bridge.send(new PutTargetsCommand({ Rule: 'r', Targets: [queue] }));
    const entry = { Source: 'my.app', DetailType: 'made', Detail: '{}' };
    for (let n = 0; n < 10; n++)
      await server.bridge.send(new PutEventsCommand({ Entries: Array(10).fill(entry) }));
    const due = server.runDue();
    try {
      await vi.waitFor(() => expect(server.received('queue')).toHaveLength(100), 10_000);
    } finally {
      never.reject(new OutboundFailed('no answer in 5000 ms'));
      await due;
    }
  });

  it('are tried again when they are busy, and not when they refuse', async () => {
    await listen();
    answers = [{ status: 503 }, { status: 200 }];
    await put();
    server.clock.advance(5000);
    await server.runDue();
    expect(sent).toHaveLength(2);
    answers = [{ status: 400 }];
    await put();
    server.clock.advance(60_000);
    await server.runDue();
    expect(sent).toHaveLength(3);
    expect(server.received('dead')).toMatchObject([{ detail: { a: 1 } }]);
  });

  it('are called with a token of their authorization server', async () => {
    const ClientParameters = { ClientID: 'me', ClientSecret: SECRET };
    const OAuthParameters = {
      ...{ ClientParameters, HttpMethod: 'POST' },
      AuthorizationEndpoint: 'https://login.example/token',
    };
    answers = [{ status: 200, body: '{"access_token": "t1", "expires_in": 60}' }];
    await listen({
      ...{ AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS', AuthParameters: { OAuthParameters } },
    });
    await server.runDue();
    const shown = await server.bridge.send(new DescribeConnectionCommand({ Name: 'hook' }));
    expect(shown).toMatchObject({ ConnectionState: 'AUTHORIZED' });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    await put();
    expect(sent.at(-1)?.headers.authorization).toBe('Bearer t1');
    server.clock.advance(61_000);
    answers = [{ status: 200, body: '{"access_token": "t2"}' }];
    await put();
    expect(sent.at(-1)?.headers.authorization).toBe('Bearer t2');
  });

  it('are not called without a right to, nor once their connection is gone', async () => {
    await listen();
    server.denied.add('events:InvokeApiDestination');
    await put();
    expect(sent).toEqual([]);
    expect(server.received('dead')).toHaveLength(1);
    server.denied.clear();
    await server.bridge.send(new DeauthorizeConnectionCommand({ Name: 'hook' }));
    await put();
    expect(sent).toEqual([]);
    await server.bridge.send(
      new UpdateConnectionCommand({
        ...{ Name: 'hook', AuthorizationType: 'BASIC' },
        AuthParameters: { BasicAuthParameters: { Username: 'u', Password: 'p' } },
      }),
    );
    server.clock.advance(5000);
    await server.runDue();
    expect(sent[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
    expect(await server.bridge.send(new ListApiDestinationsCommand({}))).toMatchObject({
      ApiDestinations: [{ Name: 'hook', ApiDestinationState: 'ACTIVE' }],
    });
  });

  it('keep secrets to themselves', async () => {
    await expect(connect({ AuthorizationType: 'BASIC' })).rejects.toThrow(
      'BasicAuthParameters is required for BASIC',
    );
    const InvocationHttpParameters = {
      HeaderParameters: [
        { Key: 'a', Value: SECRET, IsValueSecret: true },
        { Key: 'b', Value: 'open' },
      ],
    };
    const ApiKeyAuthParameters = { ApiKeyName: 'X-Key', ApiKeyValue: SECRET };
    await connect({ AuthParameters: { ApiKeyAuthParameters, InvocationHttpParameters } });
    const shown = await server.bridge.send(new DescribeConnectionCommand({ Name: 'hook' }));
    expect(shown.AuthParameters).toMatchObject({
      ApiKeyAuthParameters: { ApiKeyName: 'X-Key' },
      InvocationHttpParameters: {
        HeaderParameters: [
          { Key: 'a', IsValueSecret: true },
          { Key: 'b', Value: 'open' },
        ],
      },
    });
    expect(JSON.stringify(shown)).not.toContain(SECRET);
  });
});
