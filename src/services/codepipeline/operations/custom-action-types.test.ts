import {
  CreateCustomActionTypeCommand,
  type CreateCustomActionTypeCommandInput,
  DeleteCustomActionTypeCommand,
  ListActionTypesCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-codepipeline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT, REGION } from '../../../testing.ts';
import kms from '../../kms/index.ts';
import s3 from '../../s3/index.ts';
import { counts, type JobWorld, jobWorld, pipelineOf, property } from '../jobs/testing.ts';

type More = Partial<CreateCustomActionTypeCommandInput>;

eachDialect('custom action types', (makeDatabase) => {
  let server: JobWorld;

  beforeEach(async () => {
    server = await jobWorld(makeDatabase, [s3, kms]);
  });
  afterEach(() => {
    expect(server.failures).toEqual([]);
  });

  const remove = (category: string, version = '1') =>
    server.pipelines.send(
      new DeleteCustomActionTypeCommand({
        category: category as never,
        provider: 'Worker',
        version,
      }),
    );
  const listed = async () =>
    (await server.pipelines.send(new ListActionTypesCommand({ actionOwnerFilter: 'Custom' })))
      .actionTypes ?? [];
  const create = (make: object) => server.create(pipelineOf(make));

  it('CP-C48: is what it was created as', async () => {
    const given: More = {
      settings: { entityUrlTemplate: 'https://ci/{Config:Project}/{Config:Unknown}' },
      configurationProperties: [property('Project', { queryable: true, type: 'String' }) as never],
      inputArtifactDetails: counts(1, 2),
      tags: [{ key: 'a', value: 'b' }],
    };
    const { actionType, tags } = (await server.createType('Build', given)) as never as {
      actionType: unknown;
      tags: unknown;
    };
    expect(tags).toEqual(given.tags);
    expect(actionType).toEqual({
      id: { category: 'Build', owner: 'Custom', provider: 'Worker', version: '1' },
      settings: given.settings,
      actionConfigurationProperties: given.configurationProperties,
      inputArtifactDetails: counts(1, 2),
      outputArtifactDetails: counts(0, 5),
    });
    expect(await listed()).toEqual([actionType]);
    const all = await server.pipelines.send(new ListActionTypesCommand({}));
    expect(all.actionTypes?.at(-1)).toEqual(actionType);
    await expect(
      server.pipelines.send(new ListActionTypesCommand({ nextToken: 'x' })),
    ).rejects.toMatchObject({ name: 'InvalidNextTokenException' });
  });

  it.each<[string, More]>([
    [
      'two queryable properties',
      {
        configurationProperties: ['A', 'B'].map((name) =>
          property(name, { queryable: true }),
        ) as never,
      },
    ],
    [
      'a queryable secret',
      { configurationProperties: [property('A', { queryable: true, secret: true })] as never },
    ],
    [
      'a queryable property that may be absent',
      { configurationProperties: [property('A', { queryable: true, required: false })] as never },
    ],
    ['a property twice', { configurationProperties: [property('A'), property('A')] as never }],
    [
      'a secret in a link',
      {
        configurationProperties: [property('A', { secret: true })] as never,
        settings: { executionUrlTemplate: 'https://x/{Config:A}' },
      },
    ],
    ['a link that runs something', { settings: { entityUrlTemplate: 'javascript:alert(1)' } }],
    ['more artifacts at least than at most', { outputArtifactDetails: counts(2, 1) }],
    [
      'more than ten properties',
      { configurationProperties: Array.from({ length: 11 }, (_, i) => property(`P${i}`)) as never },
    ],
  ])('CP-C48: refuses %s', async (_, more) => {
    await expect(server.createType('Build', more)).rejects.toMatchObject({
      name: 'ValidationException',
    });
  });

  it('CP-C49: a version that was deleted comes back as it was, or not at all', async () => {
    await server.createType('Source');
    await server.createType('Build');
    await expect(server.createType('Build')).rejects.toMatchObject({ name: 'ValidationException' });
    for (const _ of [1, 2]) await remove('Build');
    expect(await listed()).toHaveLength(1);
    await expect(server.poll('Build')).rejects.toMatchObject({
      name: 'ActionTypeNotFoundException',
    });
    await expect(create({})).rejects.toMatchObject({
      name: 'InvalidActionDeclarationException',
      message:
        "ActionType (Category: 'Build', Provider: 'Worker', Owner: 'Custom', Version: '1') in action 'Make' is not available in region 'EU_WEST_1'",
    });
    await expect(
      server.createType('Build', { outputArtifactDetails: counts(0, 1) }),
    ).rejects.toMatchObject({ name: 'ValidationException' });
    await server.createType('Build');
    await create({});
  });

  it('a pipeline goes on with a type that was deleted, and keeps its secrets', async () => {
    await server.createType('Source');
    await server.createType('Build', {
      configurationProperties: [property('T', { secret: true })] as never,
    });
    const created = await create({ configuration: { T: 'sesame' } });
    await remove('Build');
    await expect(
      server.pipelines.send(new UpdatePipelineCommand({ pipeline: created })),
    ).rejects.toMatchObject({ name: 'InvalidActionDeclarationException' });
    expect(created.stages?.[1]?.actions?.[0]?.configuration).toEqual({ T: '****' });
  });

  it.each([
    [{ inputArtifacts: [] }, 'less than the minimum count (1)'],
    [{ configuration: {} }, "missing required configuration 'Project'"],
    [{ configuration: { Project: 'a', Other: 'b' } }, "unknown configuration 'Other'"],
    [{ configuration: { Project: 'a', Count: 'many' } }, 'must be a number'],
    [{ configuration: { Project: 'a', Loud: 'yes' } }, 'must be one of: true, false'],
    [{ configuration: { Project: 'x'.repeat(21) } }, 'at most 20 characters'],
    [{ configuration: { Project: 'a b' } }, 'at most 20 characters'],
    [
      { configuration: { Project: 'a' }, region: 'us-west-2' },
      'cross-region actions are not supported',
    ],
    [{ configuration: { Project: 'a' }, commands: ['true'] }, 'commands is not supported'],
  ])('CP-A30, CP-A33, CP-A35: an action of it is validated: %j', async (make, message) => {
    await server.createType('Source');
    await server.createType('Build', {
      inputArtifactDetails: counts(1, 1),
      configurationProperties: [
        property('Project', { queryable: true }),
        property('Count', { required: false, type: 'Number' }),
        property('Loud', { required: false, type: 'Boolean' }),
      ] as never,
    });
    await expect(create(make)).rejects.toMatchObject({
      name: 'InvalidActionDeclarationException',
      message: expect.stringContaining(message),
    });
  });

  it('has tags', async () => {
    await server.createType('Build', { tags: [{ key: 'a', value: '1' }] });
    const resourceArn = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:actiontype:Custom/Build/Worker/1`;
    await server.pipelines.send(
      new TagResourceCommand({ resourceArn, tags: [{ key: 'b', value: '2' }] }),
    );
    await server.pipelines.send(new UntagResourceCommand({ resourceArn, tagKeys: ['a'] }));
    const { tags } = await server.pipelines.send(new ListTagsForResourceCommand({ resourceArn }));
    expect(tags).toEqual([{ key: 'b', value: '2' }]);
    const reserved = { tags: [{ key: 'aws:a', value: '' }] };
    await expect(server.createType('Test', reserved)).rejects.toMatchObject({
      name: 'InvalidTagsException',
    });
    const many = Array.from({ length: 51 }, (_, i) => ({ key: `${i}`, value: '' }));
    await expect(server.createType('Test', { tags: many })).rejects.toMatchObject({
      name: 'TooManyTagsException',
    });
    await remove('Build');
    await expect(
      server.pipelines.send(new ListTagsForResourceCommand({ resourceArn })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('CP-A22: an account has 50', async () => {
    for (let i = 0; i < 50; i++) await server.createType('Build', { version: `${i}` });
    const more = () => server.createType('Test');
    await expect(more()).rejects.toMatchObject({ name: 'LimitExceededException' });
    await remove('Build', '7');
    await more();
  });

  it('is its account’s alone', async () => {
    await server.createType('Build');
    const other = server.client(server.pipelines.constructor as never, {
      accountId: '222222222222',
    }) as typeof server.pipelines;
    const { actionTypes } = await other.send(
      new ListActionTypesCommand({ actionOwnerFilter: 'Custom' }),
    );
    expect(actionTypes).toEqual([]);
    await other.send(
      new CreateCustomActionTypeCommand({
        ...{ category: 'Build', provider: 'Worker', version: '1' },
        ...{ inputArtifactDetails: counts(0, 1), outputArtifactDetails: counts(0, 1) },
      }),
    );
    expect((await listed())[0]?.outputArtifactDetails).toEqual(counts(0, 5));
  });
});
