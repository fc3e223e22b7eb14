import {
  CodePipelineClient,
  CreatePipelineCommand,
  GetActionTypeCommand,
  GetPipelineCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListActionTypesCommand,
  ListPipelineExecutionsCommand,
  type PipelineDeclaration,
  StartPipelineExecutionCommand,
  UpdatePipelineCommand,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT, REGION, type World, world } from '../../../testing.ts';
import service from '../index.ts';
import { approval, stage } from '../model/testing.ts';

// An action type that is made here, in one declaration, and one line of the registry: that is all there is to one.

/** The toy, and what becomes of it. Above the imports, which need it. */
const { shelf, toy } = await vi.hoisted(async () => {
  const { defineActionType, setting } = await import('./action-type.ts');
  const toy = {
    begun: [] as string[],
    tokens: [] as string[],
    ended: new Set<string>(),
    lose: false,
  };
  const shelf = defineActionType({
    categories: ['Source'],
    provider: 'Shelf',
    inputs: [0, 0],
    outputs: [0, 1],
    timeoutMinutes: 30,
    configuration: [
      { name: 'Shelf', required: true, key: true, description: 'The shelf to watch.' },
      { name: 'Board', description: 'Which board (default top).', default: 'top' },
      { name: 'Size', description: 'Of the things.', values: ['S', 'L'], unsupported: ['L'] },
      { name: 'Token', description: 'Opens the shelf.', secret: true },
      { name: 'Count', description: 'How many.', type: 'Number', queryable: true },
    ],
    outputVariables: ['Thing'],
    revisions: { COMMIT_ID: {} },
    links: {
      entity: { console: 'toy', fragment: '/shelves/{Config:Shelf}' },
      execution: { console: 'toy', fragment: '/shelves/{Config:Shelf}/{ExternalExecutionId}' },
    },
    watches: {
      name: 'thing-placed',
      pattern: { source: ['toy.shelf'], 'detail-type': ['Thing Placed'] },
      source: (value) => ({ resource: value('Shelf'), item: value('Board') }),
      changed: ({ detail }) => ({
        resource: String(detail.shelf),
        item: String(detail.board),
        revision: { revisionType: 'COMMIT_ID', revisionValue: String(detail.thing) },
      }),
    },
    hears: [
      {
        name: 'fetch-begun',
        pattern: { source: ['toy.shelf'], 'detail-type': ['Fetch Begun'] },
        work: ({ detail }) => String(detail.fetch),
        isOf: async ({ run }, fetch) => fetch === `fetch-${run.actionExecutionId}`,
      },
      {
        name: 'thing-fetched',
        pattern: { source: ['toy.shelf'], 'detail-type': ['Thing Fetched'] },
        work: ({ detail }) => String(detail.fetch),
      },
    ],
    async start(job) {
      const revision = job.run.input.sourceOverrides[0]?.revisionValue ?? 'whatever is there';
      toy.begun.push(`${setting(job, 'Shelf')}/${setting(job, 'Board')}: ${revision}`);
      const token = setting(job, 'Token');
      if (token) toy.tokens.push(token);
      if (toy.lose) throw new Error('the answer is lost');
      return {
        state: 'running',
        progress: { externalExecutionId: `fetch-${job.run.actionExecutionId}` },
      };
    },
    async look({ run }) {
      const { externalExecutionId = '' } = run.progress;
      if (!toy.ended.has(externalExecutionId)) return { state: 'running', progress: {} };
      return { state: 'succeeded', outputVariables: { Thing: 'bear', Undeclared: 'x' } };
    },
  });
  return { shelf, toy };
});

vi.mock('./index.ts', async (original) => {
  const registry = await original<typeof import('./index.ts')>();
  return {
    ...registry,
    actionTypes: [...registry.actionTypes, shelf],
    workTypes: [...registry.workTypes, shelf],
  };
});

const id = { category: 'Source', owner: 'AWS', provider: 'Shelf', version: '1' } as const;
const roleArn = `arn:aws:iam::${ACCOUNT}:role/pipeline`;

const pipeline = (configuration: Record<string, string>) =>
  ({
    name: 'toys',
    roleArn,
    artifactStore: { type: 'S3', location: 'artifacts' },
    stages: [
      stage('Fetch', { name: 'Thing', actionTypeId: id, configuration, namespace: 'toy' }),
      stage('Play', approval('Ask', { configuration: { CustomData: '#{toy.Thing}' } })),
    ],
  }) as unknown as PipelineDeclaration;

eachDialect('an action type more', (makeDatabase) => {
  let server: World;
  let pipelines: CodePipelineClient;

  beforeEach(async () => {
    toy.begun = [];
    toy.tokens = [];
    toy.ended = new Set();
    toy.lose = false;
    server = await world(makeDatabase, [service]);
    pipelines = server.client(CodePipelineClient);
    const Statement = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { Service: 'codepipeline.amazonaws.com' },
    };
    const trust = JSON.stringify({ Version: '2012-10-17', Statement });
    const role = { RoleName: 'pipeline', AssumeRolePolicyDocument: trust };
    await server.client(IAMClient).send(new CreateRoleCommand(role));
  });

  afterEach(() => {
    expect(server.failures).toEqual([]);
  });

  const create = (configuration: Record<string, string>) =>
    pipelines.send(new CreatePipelineCommand({ pipeline: pipeline(configuration) }));

  const publish = (detailType: string, detail: Record<string, unknown>) =>
    server.platform.transaction((tx) =>
      server.platform.events.publish(tx, {
        source: 'toy.shelf',
        account: ACCOUNT,
        region: REGION,
        resources: [],
        'detail-type': detailType,
        detail,
      }),
    );

  const actionState = async (stageIndex: number) => {
    const state = await pipelines.send(new GetPipelineStateCommand({ name: 'toys' }));
    return state.stageStates?.[stageIndex]?.actionStates?.[0];
  };

  it('is listed', async () => {
    const { actionTypes = [] } = await pipelines.send(new ListActionTypesCommand({}));
    const template = expect.stringContaining('#/shelves/{Config:Shelf}');
    expect(actionTypes.at(-1)).toMatchObject({
      id,
      settings: { entityUrlTemplate: template, executionUrlTemplate: template },
      inputArtifactDetails: { minimumCount: 0, maximumCount: 0 },
      outputArtifactDetails: { minimumCount: 0, maximumCount: 1 },
    });
    const [first, , , token, last] = actionTypes.at(-1)?.actionConfigurationProperties ?? [];
    expect(first).toMatchObject({ name: 'Shelf', required: true, key: true, type: 'String' });
    expect(token).toMatchObject({ name: 'Token', secret: true, queryable: false });
    expect(last).toMatchObject({ name: 'Count', required: false, queryable: true, type: 'Number' });
    const { actionType } = await pipelines.send(new GetActionTypeCommand(id));
    expect(actionType).toMatchObject({ id, urls: { entityUrlTemplate: template } });
    expect(actionType?.properties?.[0]).toMatchObject({ name: 'Shelf', optional: false });
    await expect(
      pipelines.send(new GetActionTypeCommand({ ...id, version: '2' })),
    ).rejects.toMatchObject({ name: 'ActionTypeNotFoundException' });
  });

  it.each([
    [{}, "missing required configuration 'Shelf'"],
    [{ Shelf: 'a', Colour: 'red' }, "unknown configuration 'Colour'"],
    [{ Shelf: 'a', Size: 'M' }, "has the value 'M' for 'Size'; it must be one of: S, L"],
    [{ Shelf: 'a', Size: 'L' }, 'does not support the Size L'],
  ])('is validated: %j', async (configuration, message) => {
    await expect(create(configuration)).rejects.toThrow(message);
  });

  it('starts, is heard and ends', async () => {
    await create({ Shelf: 'a' });
    await server.runDue();
    expect(toy.begun).toEqual(['a/top: whatever is there']);
    const begun = await actionState(0);
    expect(begun?.entityUrl).toMatch(/#\/shelves\/a$/);
    const fetch = begun?.latestExecution?.externalExecutionId ?? '';
    expect(begun?.latestExecution?.externalExecutionUrl).toContain(`/shelves/a/${fetch}`);
    toy.ended.add(fetch);
    await publish('Thing Fetched', { fetch });
    await server.runDue();
    expect((await actionState(1))?.latestExecution?.status).toBe('InProgress');
    const { actionExecutionDetails = [] } = await pipelines.send(
      new ListActionExecutionsCommand({ pipelineName: 'toys' }),
    );
    expect(actionExecutionDetails[1]?.output?.outputVariables).toEqual({ Thing: 'bear' });
    expect(actionExecutionDetails[0]?.input?.resolvedConfiguration).toEqual({ CustomData: 'bear' });
  });

  it('learns from an event what it began, where the answer was lost', async () => {
    toy.lose = true;
    await create({ Shelf: 'a' });
    await server.runDue();
    const { actionExecutionId } = (await actionState(0))?.latestExecution ?? {};
    await publish('Fetch Begun', { fetch: "another's" });
    await server.runDue();
    expect((await actionState(0))?.latestExecution?.externalExecutionId).toBeUndefined();
    const fetch = `fetch-${actionExecutionId}`;
    toy.ended.add(fetch);
    await publish('Fetch Begun', { fetch });
    await server.runDue();
    expect((await actionState(0))?.latestExecution).toMatchObject({
      externalExecutionId: fetch,
      status: 'Succeeded',
    });
  });

  it('CP-A45: keeps its secrets to itself, and as they are where their mask comes back', async () => {
    const { pipeline: created } = await create({ Shelf: 'a', Token: 'sesame' });
    await server.runDue();
    const given = created as PipelineDeclaration;
    const { pipeline: updated } = await pipelines.send(
      new UpdatePipelineCommand({ pipeline: given }),
    );
    await pipelines.send(new StartPipelineExecutionCommand({ name: 'toys' }));
    await server.runDue();
    const { pipeline: read } = await pipelines.send(new GetPipelineCommand({ name: 'toys' }));
    for (const shown of [created, updated, read]) {
      const shelf = shown?.stages?.[0]?.actions?.[0]?.configuration;
      expect(shelf).toEqual({ Shelf: 'a', Token: '****' });
    }
    const actions = await pipelines.send(new ListActionExecutionsCommand({ pipelineName: 'toys' }));
    expect(JSON.stringify([actions, server.events])).not.toContain('sesame');
    expect(toy.tokens).toEqual(['sesame', 'sesame']);

    const [fetch, ...others] = given.stages ?? [];
    const renamed = { ...given, stages: [{ ...fetch, name: 'Renamed' }, ...others] };
    await pipelines.send(
      new UpdatePipelineCommand({ pipeline: renamed as unknown as PipelineDeclaration }),
    );
    await pipelines.send(new StartPipelineExecutionCommand({ name: 'toys' }));
    await server.runDue();
    expect(toy.tokens.at(-1)).toBe('****');
  });

  it('fails by its own time-out', async () => {
    await create({ Shelf: 'a' });
    await server.runDue();
    server.clock.advance(31 * 60_000);
    await server.sweep();
    expect((await actionState(0))?.latestExecution?.errorDetails?.code).toBe('JobTimedOut');
  });

  it('starts pipelines that watch its source, with the revision that is new', async () => {
    await create({ Shelf: 'a', Board: 'low' });
    await server.runDue();
    toy.begun = [];
    await publish('Thing Placed', { shelf: 'a', board: 'top', thing: 'ball' });
    await publish('Thing Placed', { shelf: 'a', board: 'low', thing: 'bear' });
    await server.runDue();
    const { pipelineExecutionSummaries: executions = [] } = await pipelines.send(
      new ListPipelineExecutionsCommand({ pipelineName: 'toys' }),
    );
    expect(executions.map((e) => e.trigger?.triggerType)).toEqual([
      'PollForSourceChanges',
      'CreatePipeline',
    ]);
    const fetch = (await actionState(0))?.latestExecution?.externalExecutionId ?? '';
    toy.ended.add(fetch);
    await publish('Thing Fetched', { fetch });
    await server.runDue();
    expect(toy.begun).toEqual(['a/low: bear']);
  });

  it('takes the revisions that it declares', async () => {
    await create({ Shelf: 'a' });
    const start = (revisionType: 'COMMIT_ID' | 'IMAGE_DIGEST') =>
      pipelines.send(
        new StartPipelineExecutionCommand({
          name: 'toys',
          sourceRevisions: [{ actionName: 'Thing', revisionType, revisionValue: 'x' }],
        }),
      );
    await expect(start('IMAGE_DIGEST')).rejects.toThrow('not valid for the source action');
    await start('COMMIT_ID');
  });
});
