import {
  CloudTrailClient,
  type Event,
  LookupEventsCommand,
  type LookupEventsCommandInput,
} from '@aws-sdk/client-cloudtrail';
import { CreateUserCommand, GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import type { Reconciler } from '../../engine/engine.ts';
import type { Platform } from '../../kit/service.ts';
import { type World, world } from '../../testing.ts';
import kms from '../kms/index.ts';
import secretsmanager from '../secretsmanager/index.ts';
import cloudtrail from './index.ts';
import { merge } from './reconcilers/merge.ts';
import { purge } from './reconcilers/purge.ts';
import { chunksToMerge } from './store/chunks.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const OWNER = { accountId: '111111111111', region: 'eu-west-1' };

type As = { accountId?: string; region?: string };

/** All events that a lookup finds, over all of its pages. */
async function lookUp(
  server: World,
  input: LookupEventsCommandInput = {},
  as: As = {},
): Promise<Event[]> {
  const trail = server.client(CloudTrailClient, as);
  const events: Event[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await trail.send(new LookupEventsCommand({ ...input, NextToken }));
    events.push(...(answer.Events ?? []));
    NextToken = answer.NextToken;
  } while (NextToken);
  return events;
}

const by = (AttributeKey: string, AttributeValue: string) => ({
  LookupAttributes: [{ AttributeKey, AttributeValue } as never],
});
/** Does what the engine does once a minute. */
async function sweep({ platform }: World, { sweep: due, reconcile }: Reconciler<Platform>) {
  const { signal } = new AbortController();
  for (const key of (await due?.(platform)) ?? [])
    while ((await reconcile(platform, key, signal)) === 'now');
}

const names = (events: Event[]) => events.map(({ EventName }) => EventName);
const detail = ({ CloudTrailEvent = '' }: Event = {}) => JSON.parse(CloudTrailEvent);

eachDialect('CloudTrail', (makeDatabase) => {
  const serve = () => world(makeDatabase, [cloudtrail, secretsmanager, kms]);
  const createUser = (server: World, UserName: string, as?: As) =>
    server.client(IAMClient, as).send(new CreateUserCommand({ UserName }));

  it('tells who did what, and where it failed', async () => {
    const server = await serve();
    await createUser(server, 'mary');
    const missing = new GetUserCommand({ UserName: 'nobody' });
    await expect(server.client(IAMClient).send(missing)).rejects.toThrow();
    const [failed, created] = await lookUp(server);
    expect(created).toMatchObject({
      EventName: 'CreateUser',
      EventSource: 'iam.amazonaws.com',
      ReadOnly: 'false',
      Username: 'root',
      EventTime: server.clock.now(),
    });
    expect(created?.Resources?.map(({ ResourceName }) => ResourceName)).toContain('mary');
    expect(detail(created)).toMatchObject({
      userIdentity: {
        type: 'Root',
        accountId: '111111111111',
        arn: 'arn:aws:iam::111111111111:root',
      },
      requestParameters: { userName: 'mary' },
      responseElements: { user: { userName: 'mary', arn: expect.stringContaining(':user/mary') } },
      eventID: created?.EventId,
      eventTime: '2026-01-01T00:00:00Z',
      awsRegion: 'eu-west-1',
      recipientAccountId: '111111111111',
      readOnly: false,
      eventCategory: 'Management',
    });
    expect(failed).toMatchObject({ EventName: 'GetUser', ReadOnly: 'true' });
    expect(detail(failed)).toMatchObject({
      errorCode: 'NoSuchEntity',
      errorMessage: 'The user with name nobody cannot be found.',
      requestParameters: { userName: 'nobody' },
      responseElements: null,
    });
    expect(server.failures).toEqual([]);
  });

  it('finds by each attribute', async () => {
    const server = await serve();
    await createUser(server, 'mary');
    await createUser(server, 'tom');
    const [tom, mary] = await lookUp(server, by('EventSource', 'iam.amazonaws.com'));
    const found = async (key: string, value: string) => names(await lookUp(server, by(key, value)));
    expect(await lookUp(server, by('EventId', mary?.EventId ?? ''))).toEqual([mary]);
    expect(await lookUp(server, by('ResourceName', 'tom'))).toEqual([tom]);
    const arn = 'arn:aws:iam::111111111111:user/tom';
    expect(await lookUp(server, by('ResourceName', arn))).toEqual([tom]);
    expect(await found('EventName', 'CreateUser')).toEqual(['CreateUser', 'CreateUser']);
    expect(await found('ReadOnly', 'false')).toEqual(['CreateUser', 'CreateUser']);
    expect(new Set(await found('ReadOnly', 'true'))).toEqual(new Set(['LookupEvents']));
    expect(await found('Username', 'root')).toContain('CreateUser');
    expect(await found('Username', 'mary')).toEqual([]);
    expect(await found('EventId', 'no id')).toEqual([]);
    const [{ ResourceType = '' } = {}] = tom?.Resources ?? [];
    if (ResourceType) expect(await found('ResourceType', ResourceType)).toHaveLength(2);
    expect(server.failures).toEqual([]);
  });

  it('shows the newest first in pages of any size, each event once, while others come', async () => {
    const server = await serve();
    for (let n = 0; n < 7; n += 1) {
      await createUser(server, `u${n}`);
      // Chunks of one event, of several, and several chunks of one moment.
      if (n % 2 === 1) await server.platform.recorded();
      if (n % 3 === 2) server.clock.advance(500);
    }
    const own = by('EventName', 'CreateUser');
    const all = await lookUp(server, own);
    const users = (events: Event[]) =>
      events.map((event) => detail(event).requestParameters.userName);
    expect(users(all)).toEqual(['u6', 'u5', 'u4', 'u3', 'u2', 'u1', 'u0']);
    for (const MaxResults of [1, 2, 3, 6, 7])
      expect(await lookUp(server, { ...own, MaxResults })).toEqual(all);
    const trail = server.client(CloudTrailClient);
    const page = await trail.send(new LookupEventsCommand({ ...own, MaxResults: 3 }));
    await createUser(server, 'late');
    const { NextToken } = page;
    const next = await trail.send(new LookupEventsCommand({ ...own, MaxResults: 3, NextToken }));
    expect(users(next.Events ?? [])).toEqual(['u3', 'u2', 'u1']);
    const other = new LookupEventsCommand({ ...by('EventName', 'GetUser'), NextToken });
    await expect(trail.send(other)).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  it('is each account’s and region’s own, and within the time that is asked for', async () => {
    const server = await serve();
    await createUser(server, 'here');
    await createUser(server, 'there', { region: 'us-east-1' });
    await createUser(server, 'theirs', { accountId: '222222222222' });
    const before = server.clock.now();
    server.clock.advance(10_000);
    await createUser(server, 'later');
    const own = by('EventName', 'CreateUser');
    const users = async (input: object, as: As = {}) =>
      (await lookUp(server, { ...own, ...input }, as)).map(
        (event) => detail(event).requestParameters.userName,
      );
    expect(await users({})).toEqual(['later', 'here']);
    expect(await users({}, { region: 'us-east-1' })).toEqual(['there']);
    expect(await users({}, { accountId: '222222222222' })).toEqual(['theirs']);
    expect(await users({ EndTime: before })).toEqual(['here']);
    expect(await users({ StartTime: new Date(before.getTime() + 1000) })).toEqual(['later']);
    expect(await users({ StartTime: before, EndTime: before })).toEqual(['here']);
  });

  it('shows what services do for a caller as theirs, and no secret', async () => {
    const server = await serve();
    const secrets = server.client(SecretsManagerClient);
    const SecretString = 'correct horse battery staple';
    await secrets.send(new CreateSecretCommand({ Name: 'db', SecretString }));
    await secrets.send(new GetSecretValueCommand({ SecretId: 'db' }));
    const events = await lookUp(server);
    expect(JSON.stringify(events)).not.toContain('correct horse');
    // What policies see of it.
    const asked = server.asked.findIndex((question) => question.startsWith('kms:Decrypt '));
    expect(server.conditions[asked]).toMatchObject({
      'kms:viaservice': 'secretsmanager.eu-west-1.amazonaws.com',
      'aws:calledvia': ['secretsmanager.amazonaws.com'],
      'aws:viaawsservice': 'true',
    });
    const [decrypted] = await lookUp(server, by('EventName', 'Decrypt'));
    expect(detail(decrypted)).toMatchObject({
      userIdentity: { type: 'Root', invokedBy: 'secretsmanager.amazonaws.com' },
      sourceIPAddress: 'secretsmanager.amazonaws.com',
      userAgent: 'secretsmanager.amazonaws.com',
      readOnly: true,
      requestParameters: { encryptionContext: { SecretARN: expect.any(String) } },
      responseElements: null,
    });
  });

  it('merges what is short and old, and ends after 90 days', async () => {
    const server = await serve();
    const { platform, clock } = server;
    for (let n = 0; n < 60; n += 1) {
      await createUser(server, `u${n}`);
      clock.advance(1000);
      await platform.recorded();
    }
    const own = by('EventName', 'CreateUser');
    const before = await lookUp(server, own);
    expect(before).toHaveLength(60);
    clock.advance(2 * 60 * 60 * 1000);
    const chunks = () =>
      chunksToMerge(
        platform.db,
        OWNER,
        { before: Number.MAX_SAFE_INTEGER, shorterThan: 2 ** 31 - 1 },
        1000,
      );
    const many = (await chunks()).length;
    expect(many).toBeGreaterThan(50);
    await sweep(server, merge);
    expect((await chunks()).length).toBeLessThan(5);
    expect(await lookUp(server, own)).toEqual(before);
    expect(await lookUp(server, by('ResourceName', 'u7'))).toHaveLength(1);
    clock.advance(90 * DAY_MS - 2 * 60 * 60 * 1000);
    expect(await lookUp(server, own)).toEqual([]);
    clock.advance(90 * DAY_MS + 60_000);
    await platform.recorded();
    await sweep(server, purge);
    expect(await chunks()).toEqual([]);
    expect(server.failures).toEqual([]);
  });

  it('refuses what is no lookup', async () => {
    const server = await serve();
    const refused = async (input: object, name: string) =>
      expect(
        server.client(CloudTrailClient).send(new LookupEventsCommand(input as never)),
      ).rejects.toMatchObject({ name });
    const attribute = { AttributeKey: 'EventName', AttributeValue: 'a' };
    const attributes = (...LookupAttributes: unknown[]) => ({ LookupAttributes });
    const invalid = 'InvalidLookupAttributesException';
    await refused(attributes(attribute, attribute), invalid);
    await refused(attributes({ ...attribute, AttributeKey: 'Colour' }), invalid);
    await refused(attributes({ ...attribute, AttributeKey: 'constructor' }), invalid);
    await refused(attributes({ AttributeKey: 'EventName', AttributeValue: '' }), invalid);
    await refused(attributes({ AttributeKey: 'ReadOnly', AttributeValue: 'yes' }), invalid);
    await refused({ MaxResults: 0 }, 'InvalidMaxResultsException');
    await refused({ MaxResults: 51 }, 'InvalidMaxResultsException');
    await refused({ NextToken: 'forged' }, 'InvalidNextTokenException');
    await refused({ EventCategory: 'management' }, 'InvalidEventCategoryException');
    await refused({ EventCategory: 'insight' }, 'NotImplemented');
    const [StartTime, EndTime] = [new Date(2000), new Date(1000)];
    await refused({ StartTime, EndTime }, 'InvalidTimeRangeException');
    server.denied.add('cloudtrail:LookupEvents');
    await refused({}, 'AccessDeniedException');
  });
});
