import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DeleteParametersCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import kms from '../kms/index.ts';
import service from './index.ts';

eachDialect('Parameter Store', (makeDatabase) => {
  let server: World;
  let ssm: SSMClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service, kms]);
    ssm = server.client(SSMClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', ...more }));
  const get = async (Name: string, WithDecryption?: boolean) =>
    (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter;
  const byPath = async (input: {
    Path: string;
    Recursive?: boolean;
    MaxResults?: number;
    NextToken?: string;
  }) => {
    const { Parameters, NextToken } = await ssm.send(new GetParametersByPathCommand(input));
    return { names: Parameters?.map((p) => p.Name), NextToken };
  };

  it('gives back what was put', async () => {
    expect(await put('/app/url', 'http://x')).toMatchObject({ Version: 1, Tier: 'Standard' });
    expect(await get('/app/url')).toEqual({
      Name: '/app/url',
      Type: 'String',
      Value: 'http://x',
      Version: 1,
      LastModifiedDate: server.clock.now(),
      ARN: 'arn:aws:ssm:eu-west-1:111111111111:parameter/app/url',
      DataType: 'text',
    });
    await put('plain', 'x');
    expect((await get('plain'))?.ARN).toBe('arn:aws:ssm:eu-west-1:111111111111:parameter/plain');
  });

  it.each(['{{ssm:/other}}', 'a {{ b }} c', '{{}}', '{{\n}}'])(
    'a value does not nest another: %j',
    async (value) => {
      for (const Type of ['String', 'SecureString', 'StringList'] as const)
        await expect(put('/app/nested', value, { Type })).rejects.toMatchObject({
          name: 'ValidationException',
        });
      await expect(get('/app/nested')).rejects.toMatchObject({ name: 'ParameterNotFound' });
    },
  );

  it.each(['{{', '}} {{', '{a}}', '{ { x } }', '{"a":{"b":{}}}'])(
    'braces that nest nothing are text: %j',
    async (value) => {
      await put('/app/braces', value);
      expect((await get('/app/braces'))?.Value).toBe(value);
    },
  );

  it('needs Overwrite to write a second version, which keeps what it does not name', async () => {
    await put('/app/url', 'one', { Description: 'the url' });
    await expect(put('/app/url', 'two')).rejects.toMatchObject({ name: 'ParameterAlreadyExists' });
    const { Version } = await ssm.send(
      new PutParameterCommand({ Name: '/app/url', Value: 'two', Overwrite: true }),
    );
    expect(Version).toBe(2);
    const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name: '/app/url' }));
    expect(Parameters?.map((p) => [p.Version, p.Value, p.Description])).toEqual([
      [1, 'one', 'the url'],
      [2, 'two', 'the url'],
    ]);
  });

  it('answers versions and labels by selector, and by ARN', async () => {
    await put('/app/url', 'one');
    await put('/app/url', 'two', { Overwrite: true });
    await ssm.send(
      new LabelParameterVersionCommand({
        Name: '/app/url',
        ParameterVersion: 1,
        Labels: ['good', '1bad'],
      }),
    );
    expect(await get('/app/url:1')).toMatchObject({ Value: 'one', Selector: ':1' });
    expect(await get('/app/url:good')).toMatchObject({ Value: 'one', Selector: ':good' });
    expect(await get('arn:aws:ssm:eu-west-1:111111111111:parameter/app/url:2')).toMatchObject({
      Value: 'two',
    });
    await expect(get('/app/url:9')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await expect(get('/app/nothing')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('answers by its ARN whatever has one, with and without a slash before its name', async () => {
    await put('/top', 'one');
    await put('/top', 'two', { Overwrite: true });
    await put('flat', 'three');
    const ARN = 'arn:aws:ssm:eu-west-1:111111111111:parameter/';
    expect(await get(`${ARN}top`)).toMatchObject({ Name: '/top', Value: 'two', ARN: `${ARN}top` });
    expect(await get(`${ARN}top:1`)).toMatchObject({ Value: 'one', Selector: ':1' });
    expect(await get(`${ARN}flat`)).toMatchObject({ Name: 'flat', Value: 'three' });
    const history = await ssm.send(new GetParameterHistoryCommand({ Name: `${ARN}top` }));
    expect(history.Parameters?.map(({ Value }) => Value)).toEqual(['one', 'two']);
    const asked = new GetParametersCommand({ Names: [`${ARN}top`, `${ARN}none`] });
    expect(await ssm.send(asked)).toMatchObject({
      Parameters: [{ Value: 'two' }],
      InvalidParameters: [`${ARN}none`],
    });
  });

  it.each(['Standard', 'Advanced'] as const)(
    'a SecureString (%s) is ciphertext unless it is asked for with decryption',
    async (Tier) => {
      await put('/app/secret', 'hunter2', { Type: 'SecureString', Tier });
      const sealed = await get('/app/secret');
      expect(sealed?.Value).not.toContain('hunter2');
      expect((await get('/app/secret', true))?.Value).toBe('hunter2');
      const { Parameters } = await ssm.send(
        new GetParametersCommand({ Names: ['/app/secret'], WithDecryption: true }),
      );
      expect(Parameters?.[0]?.Value).toBe('hunter2');
    },
  );

  it('a SecureString under a key that does not exist is refused with InvalidKeyId', async () => {
    const write = put('/app/secret', 'x', { Type: 'SecureString', KeyId: 'alias/none' });
    await expect(write).rejects.toMatchObject({ name: 'InvalidKeyId' });
    await expect(get('/app/secret')).rejects.toMatchObject({ name: 'ParameterNotFound' });
  });

  it('GetParameters lists what it cannot find', async () => {
    await put('a', '1');
    const { Parameters, InvalidParameters } = await ssm.send(
      new GetParametersCommand({ Names: ['a', 'b', 'a:7'] }),
    );
    expect(Parameters?.map((p) => p.Name)).toEqual(['a']);
    expect(InvalidParameters).toEqual(['b', 'a:7']);
  });

  it('reads a hierarchy one level deep or whole, in pages', async () => {
    for (const name of ['/app/a', '/app/b', '/app/db/host', '/application', 'app'])
      await put(name, 'x');
    expect((await byPath({ Path: '/app' })).names).toEqual(['/app/a', '/app/b']);
    expect((await byPath({ Path: '/app/', Recursive: true })).names).toEqual([
      '/app/a',
      '/app/b',
      '/app/db/host',
    ]);
    expect((await byPath({ Path: '/' })).names).toEqual(['/application', 'app']);
    const first = await byPath({ Path: '/app', Recursive: true, MaxResults: 2 });
    expect(first.names).toEqual(['/app/a', '/app/b']);
    const second = await byPath({
      Path: '/app',
      Recursive: true,
      MaxResults: 2,
      NextToken: first.NextToken ?? '',
    });
    expect(second).toEqual({ names: ['/app/db/host'], NextToken: undefined });
  });

  it('describes parameters by filter', async () => {
    await put('/app/a', 'x', { Tags: [{ Key: 'team', Value: 'web' }] });
    await put('/app/db/b', 'x', { Type: 'SecureString' });
    const describe = async (
      ...ParameterFilters: { Key: string; Option?: string; Values?: string[] }[]
    ) => {
      const { Parameters } = await ssm.send(new DescribeParametersCommand({ ParameterFilters }));
      return Parameters?.map((p) => p.Name);
    };
    expect(await describe()).toEqual(['/app/a', '/app/db/b']);
    expect(await describe({ Key: 'Type', Values: ['SecureString'] })).toEqual(['/app/db/b']);
    expect(await describe({ Key: 'Path', Values: ['/app'] })).toEqual(['/app/a']);
    expect(await describe({ Key: 'Path', Option: 'Recursive', Values: ['/app'] })).toHaveLength(2);
    expect(await describe({ Key: 'tag:team', Values: ['web'] })).toEqual(['/app/a']);
    expect(await describe({ Key: 'Name', Option: 'Contains', Values: ['db'] })).toEqual([
      '/app/db/b',
    ]);
    await expect(describe({ Key: 'Label', Values: ['x'] })).rejects.toMatchObject({
      name: 'InvalidFilterKey',
    });
    await expect(
      describe({ Key: 'Type', Option: 'Contains', Values: ['String'] }),
    ).rejects.toMatchObject({
      name: 'InvalidFilterOption',
    });
  });

  it.each([
    ['aws', 'x', 'ValidationException'],
    ['/aws/service/x', 'x', 'AccessDeniedException'],
    ['/ssm/x', 'x', 'ValidationException'],
    ['a/b', 'x', 'ValidationException'],
    ['/a//b', 'x', 'ValidationException'],
    ['/a b', 'x', 'ValidationException'],
    [`/${Array(16).fill('x').join('/')}`, 'x', 'HierarchyLevelLimitExceededException'],
    ['/big', 'x'.repeat(4097), 'ValidationException'],
    ['/empty', '', 'ValidationException'],
  ])('refuses to put %s', async (name, value, code) => {
    await expect(put(name, value)).rejects.toMatchObject({ name: code });
  });

  it('checks values against AllowedPattern, and takes no time over one that would run away', async () => {
    await put('/n', '12', { AllowedPattern: '^\\d+$' });
    const wrong = put('/n', 'x', { Overwrite: true });
    await expect(wrong).rejects.toMatchObject({ name: 'ParameterPatternMismatchException' });
    // Each character of the value may be any of the thousand: together they are too much work.
    const costly = put('/costly', `${'a'.repeat(4000)}!`, { AllowedPattern: '(a?){1000}' });
    await expect(costly).rejects.toMatchObject({ name: 'InvalidAllowedPatternException' });
    await put('/large', 'a'.repeat(100), { AllowedPattern: '(a?){1000}' });
    const endless = put('/evil', `${'a'.repeat(4000)}!`, { AllowedPattern: '(a+)+' });
    await expect(endless).rejects.toMatchObject({ name: 'ParameterPatternMismatchException' });
  });

  it('deletes one or several, and tells of every change by an event', async () => {
    await put('a', '1');
    await put('a', '2', { Overwrite: true });
    await ssm.send(new DeleteParameterCommand({ Name: 'a' }));
    await expect(ssm.send(new DeleteParameterCommand({ Name: 'a' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    await put('b', '1');
    const answer = await ssm.send(new DeleteParametersCommand({ Names: ['b', 'c'] }));
    expect(answer).toMatchObject({ DeletedParameters: ['b'], InvalidParameters: ['c'] });
    expect(server.events.map((e) => [e.detail.operation, e.detail.name])).toEqual([
      ['Create', 'a'],
      ['Update', 'a'],
      ['Delete', 'a'],
      ['Create', 'b'],
      ['Delete', 'b'],
    ]);
  });

  it('keeps 100 versions: the oldest goes unless it has a label', async () => {
    for (let i = 0; i < 101; i++) await put('a', String(i), { Overwrite: true });
    await expect(get('a:1')).rejects.toMatchObject({ name: 'ParameterVersionNotFound' });
    await ssm.send(
      new LabelParameterVersionCommand({ Name: 'a', ParameterVersion: 2, Labels: ['keep'] }),
    );
    await expect(put('a', 'x', { Overwrite: true })).rejects.toMatchObject({
      name: 'ParameterMaxVersionLimitExceeded',
    });
  });

  it('tags', async () => {
    await put('a', '1');
    const resource = { ResourceType: 'Parameter', ResourceId: 'a' } as const;
    await ssm.send(new AddTagsToResourceCommand({ ...resource, Tags: [{ Key: 'k', Value: 'v' }] }));
    expect((await ssm.send(new ListTagsForResourceCommand(resource))).TagList).toEqual([
      { Key: 'k', Value: 'v' },
    ]);
  });

  it('asks IAM about the ARN of the parameter', async () => {
    server.denied.add('ssm:GetParameter');
    await expect(get('/app/x:3')).rejects.toMatchObject({ name: 'AccessDeniedException' });
    expect(server.asked).toEqual([
      'ssm:GetParameter arn:aws:ssm:eu-west-1:111111111111:parameter/app/x',
    ]);
  });
});
