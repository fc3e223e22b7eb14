import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import { expect, it, test } from 'vitest';
import { eachDialect } from '../../../db/testing.ts';
import { ACCOUNT, REGION } from '../../../testing.ts';
import kms from '../../kms/index.ts';
import s3 from '../../s3/index.ts';
import { counts, jobWorld, pipelineOf, typeId } from '../jobs/testing.ts';

// Each error that AWS declares of an operation can be had here, or it is said why not.

/** An input that the operation answers with the error; where another test shows it; or why nothing can. */
type Row = { input: object } | { shown: string } | { never: string };
const shown = (...files: string[]): Row => ({ shown: files.join(' ') });
const never = (why: string): Row => ({ never: why });

const NONE = '11111111-2222-4333-8444-555555555555';
const webhook = (more: object) => ({
  webhook: {
    ...{ name: 'hook', targetPipeline: 'p', targetAction: 'Fetch' },
    ...{ filters: [], authentication: 'UNAUTHENTICATED', authenticationConfiguration: {} },
    ...more,
  },
});
const tag = (key: string) => ({ key, value: 'v' });
const MANY = Array.from({ length: 50 }, (_, i) => tag(`t${i}`));
const SYSTEM = [tag('aws:x')];
const customType = (tags: object[]) => ({
  ...{ category: 'Test', provider: 'Other', version: '1', tags },
  ...{ inputArtifactDetails: counts(0, 1), outputArtifactDetails: counts(0, 1) },
});
const [source, build] = pipelineOf().stages ?? [];
const pipeline = (stages: object[], more: object = {}) => ({
  pipeline: { ...pipelineOf(), name: 'q', stages, ...more },
});
const blockers = [1, 2].map(() => ({ name: 'b', type: 'Schedule' }));
const BAD = {
  InvalidStructureException: [source],
  InvalidStageDeclarationException: [source, build, build],
  InvalidBlockerDeclarationException: [source, { ...build, blockers }],
  InvalidActionDeclarationException: [
    source,
    { ...build, actions: build?.actions?.concat(build.actions) },
  ],
};
const bad = (more: object = {}) =>
  Object.fromEntries(
    Object.entries(BAD).map(([error, stages]) => [
      error,
      { input: pipeline(stages as object[], more) },
    ]),
  );

const NOWHERE = { name: 'none', pipelineName: 'none', pipelineExecutionId: NONE };
const noPipeline = (more: object = {}) => ({
  PipelineNotFoundException: { input: { ...NOWHERE, ...more } },
});
const noStage = (more: object) => ({
  ...noPipeline({ stageName: 'Source', ...more }),
  StageNotFoundException: {
    input: { pipelineName: 'p', stageName: 'none', pipelineExecutionId: NONE, ...more },
  },
});
const noExecution = {
  PipelineExecutionNotFoundException: { input: { pipelineName: 'p', pipelineExecutionId: NONE } },
};
const token = (more: object = {}) => ({
  InvalidNextTokenException: { input: { pipelineName: 'p', nextToken: 'x', ...more } },
});
const noType = {
  ActionTypeNotFoundException: {
    input: { actionTypeId: { ...(typeId('Test', 'None') as object) } },
  },
};
const noJob = (more: object = {}) => ({
  JobNotFoundException: { input: { jobId: NONE, nonce: 'n', clientToken: 'c', ...more } },
});
const failed = { failureDetails: { type: 'JobFailed', message: 'm' } };
const arn = (name: string) => ({
  resourceArn: `arn:aws:codepipeline:${REGION}:${ACCOUNT}:${name}`,
});
const noResource = (more: object) => ({
  ResourceNotFoundException: { input: { ...arn('none'), ...more } },
  InvalidArnException: {
    input: { resourceArn: `arn:aws:codepipeline:${REGION}:${ACCOUNT}:a/b`, ...more },
  },
});
const busy = never(
  'changes of one pipeline are serial: nothing is refused for being under way elsewhere',
);
const serial = {
  ConcurrentModificationException: never(
    'what others are in the way of is tried again inside the call, and is then a 503, which SDKs try again',
  ),
};
const shownOf = (files: string, ...errors: string[]) =>
  Object.fromEntries(errors.map((error) => [`${error}Exception`, shown(...files.split(' '))]));
const FULL = shownOf(
  'model/conditions.test.ts model/mode.test.ts',
  'ConcurrentPipelineExecutionsLimitExceeded',
);

const ROWS: Record<string, Record<string, Row>> = {
  AcknowledgeJob: { ...noJob(), ...shownOf('jobs/jobs.test.ts', 'InvalidNonce') },
  AcknowledgeThirdPartyJob: {
    ...noJob(),
    ...shownOf('jobs/third-party.test.ts', 'InvalidNonce', 'InvalidClientToken'),
  },
  CreateCustomActionType: {
    ...serial,
    InvalidTagsException: { input: customType(SYSTEM) },
    TooManyTagsException: { input: customType([...MANY, tag('more')]) },
    ...shownOf('operations/custom-action-types.test.ts', 'LimitExceeded'),
  },
  CreatePipeline: {
    ...{ ...serial, ...bad() },
    InvalidTagsException: { input: { ...pipeline([source, build] as object[]), tags: SYSTEM } },
    TooManyTagsException: {
      input: { ...pipeline([source, build] as object[]), tags: [...MANY, tag('more')] },
    },
    PipelineNameInUseException: { input: { pipeline: pipelineOf() } },
    LimitExceededException: shown('../../../conformance/service-quotas.test.ts'),
  },
  DeleteCustomActionType: serial,
  DeletePipeline: serial,
  DeleteWebhook: serial,
  DeregisterWebhookWithThirdParty: { WebhookNotFoundException: { input: { webhookName: 'none' } } },
  DisableStageTransition: noStage({ transitionType: 'Inbound', reason: 'r' }),
  EnableStageTransition: noStage({ transitionType: 'Inbound' }),
  GetActionType: {
    ActionTypeNotFoundException: {
      input: { category: 'Test', owner: 'ThirdParty', provider: 'None', version: '1' },
    },
  },
  GetJobDetails: noJob(),
  GetPipeline: {
    ...noPipeline(),
    PipelineVersionNotFoundException: { input: { name: 'p', version: 9 } },
  },
  GetPipelineExecution: { ...noPipeline(), ...noExecution },
  GetPipelineState: noPipeline(),
  GetThirdPartyJobDetails: {
    ...noJob(),
    ...shownOf('jobs/third-party.test.ts', 'InvalidJob', 'InvalidClientToken'),
  },
  ListActionExecutions: {
    ...{ ...noPipeline(), ...token() },
    PipelineExecutionNotFoundException: {
      input: { pipelineName: 'p', filter: { pipelineExecutionId: NONE } },
    },
  },
  ListActionTypes: token(),
  ListDeployActionExecutionTargets: {
    ...noPipeline({ actionExecutionId: NONE }),
    ActionExecutionNotFoundException: { input: { pipelineName: 'p', actionExecutionId: NONE } },
    InvalidNextTokenException: { input: { actionExecutionId: 'of p', nextToken: 'x' } },
  },
  ListPipelineExecutions: { ...noPipeline(), ...token() },
  ListPipelines: token(),
  ListRuleExecutions: {
    ...{ ...noPipeline(), ...token() },
    PipelineExecutionNotFoundException: {
      input: { pipelineName: 'p', filter: { pipelineExecutionId: NONE } },
    },
  },
  ListRuleTypes: { InvalidNextTokenException: never('its input has no token') },
  ListTagsForResource: { ...noResource({}), ...token(arn('p')) },
  ListWebhooks: token({ NextToken: 'x' }),
  OverrideStageCondition: {
    ...{ ...noStage({ conditionType: 'BEFORE_ENTRY' }), ...FULL },
    ...shownOf(
      'model/conditions.test.ts',
      'ConditionNotOverridable',
      'Conflict',
      'NotLatestPipelineExecution',
    ),
  },
  PollForJobs: noType,
  PollForThirdPartyJobs: {
    ActionTypeNotFoundException: {
      input: {
        actionTypeId: { category: 'Test', owner: 'ThirdParty', provider: 'None', version: '1' },
      },
    },
  },
  PutActionRevision: {
    ...noStage({
      actionName: 'a',
      actionRevision: { revisionId: 'r', revisionChangeId: 'c', created: new Date(0) },
    }),
    ActionNotFoundException: {
      input: {
        ...{ pipelineName: 'p', stageName: 'Source', actionName: 'none' },
        actionRevision: { revisionId: 'r', revisionChangeId: 'c', created: new Date(0) },
      },
    },
    ...FULL,
  },
  PutApprovalResult: {
    ...noStage({ actionName: 'a', token: NONE, result: { status: 'Approved', summary: '' } }),
    ActionNotFoundException: {
      input: {
        ...{ pipelineName: 'p', stageName: 'Source', actionName: 'none' },
        ...{ token: NONE, result: { status: 'Approved', summary: '' } },
      },
    },
    ...shownOf('operations/operations.test.ts', 'InvalidApprovalToken', 'ApprovalAlreadyCompleted'),
  },
  PutJobFailureResult: { ...noJob(failed), ...shownOf('jobs/jobs.test.ts', 'InvalidJobState') },
  PutJobSuccessResult: {
    ...noJob(),
    ...shownOf('jobs/jobs.test.ts', 'InvalidJobState', 'OutputVariablesSizeExceeded'),
  },
  PutThirdPartyJobFailureResult: {
    ...noJob(failed),
    ...shownOf('jobs/third-party.test.ts', 'InvalidJobState', 'InvalidClientToken'),
  },
  PutThirdPartyJobSuccessResult: {
    ...noJob(),
    ...shownOf('jobs/third-party.test.ts', 'InvalidJobState', 'InvalidClientToken'),
  },
  PutWebhook: {
    ...serial,
    PipelineNotFoundException: {
      input: webhook({ targetPipeline: 'none', filters: [{ jsonPath: '$.a' }] }),
    },
    InvalidWebhookFilterPatternException: { input: webhook({ filters: [{ jsonPath: '$.a[' }] }) },
    InvalidWebhookAuthenticationParametersException: {
      input: webhook({ filters: [{ jsonPath: '$.a' }], authentication: 'IP' }),
    },
    InvalidTagsException: {
      input: { ...webhook({ filters: [{ jsonPath: '$.a' }] }), tags: SYSTEM },
    },
    TooManyTagsException: {
      input: { ...webhook({ filters: [{ jsonPath: '$.a' }] }), tags: [...MANY, tag('more')] },
    },
    ...shownOf('webhooks/webhooks.test.ts', 'LimitExceeded'),
  },
  RegisterWebhookWithThirdParty: { WebhookNotFoundException: { input: { webhookName: 'none' } } },
  RetryStageExecution: {
    ...{ ...noStage({ retryMode: 'FAILED_ACTIONS' }), ...FULL },
    ...shownOf(
      'model/advance.property.test.ts',
      'Conflict',
      'NotLatestPipelineExecution',
      'StageNotRetryable',
    ),
  },
  RollbackStage: {
    ...noStage({ targetPipelineExecutionId: NONE }),
    PipelineExecutionNotFoundException: {
      input: { pipelineName: 'p', stageName: 'Build', targetPipelineExecutionId: NONE },
    },
    ...shownOf(
      'model/conditions.test.ts',
      'Conflict',
      'PipelineExecutionOutdated',
      'UnableToRollbackStage',
    ),
  },
  StartPipelineExecution: {
    ...noPipeline(),
    ...FULL,
    ConflictException: shown('../../../conformance/codepipeline-stages.test.ts'),
  },
  StopPipelineExecution: {
    ...{ ...noPipeline(), ConflictException: busy },
    PipelineExecutionNotStoppableException: {
      input: { pipelineName: 'p', pipelineExecutionId: NONE },
    },
    ...shownOf('model/advance.test.ts', 'DuplicatedStopRequest'),
  },
  TagResource: {
    ...{ ...serial, ...noResource({ tags: [tag('a')] }) },
    InvalidTagsException: { input: { ...arn('p'), tags: SYSTEM } },
    TooManyTagsException: { input: { ...arn('p'), tags: [...MANY, tag('more')] } },
  },
  UntagResource: {
    ...{ ...serial, ...noResource({ tagKeys: ['a'] }) },
    InvalidTagsException: { input: { ...arn('p'), tagKeys: ['aws:x'] } },
  },
  UpdateActionType: {
    ActionTypeNotFoundException: never(
      'one that is not there is made, for who calls: AWS makes it on request',
    ),
    ...shownOf('jobs/third-party.test.ts', 'RequestFailed'),
  },
  UpdatePipeline: {
    ...bad({ name: 'p' }),
    LimitExceededException: never('of its quotas, AWS counts pipelines that poll: here none does'),
  },
};

const FOLDER = join(
  dirname(createRequire(import.meta.url).resolve('@aws-sdk/client-codepipeline/package.json')),
  'dist-types/commands',
);
/** Checked by the contract, for all operations alike. */
const COMMON = ['ValidationException', 'CodePipelineServiceException'];

test('each declared error has a row, and each row’s error is declared', () => {
  const declared = readdirSync(FOLDER).flatMap((file) => {
    const name = file.replace(/Command\.d\.ts$/, '');
    if (name === file) return [];
    const errors = readFileSync(join(FOLDER, file), 'utf8').matchAll(/@throws \{@link (\w+)\}/g);
    return [...errors]
      .map(([, error = '']) => error)
      .filter((error) => !COMMON.includes(error))
      .map((error) => `${name} ${error}`);
  });
  const rows = Object.entries(ROWS).flatMap(([name, errors]) =>
    Object.keys(errors).map((error) => `${name} ${error}`),
  );
  expect(rows.sort()).toEqual(declared.sort());
});

test('what another test shows is named there', () => {
  for (const errors of Object.values(ROWS)) {
    for (const [error, row] of Object.entries(errors)) {
      for (const file of 'shown' in row ? row.shown.split(' ') : [])
        expect(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'), file).toContain(
          error.replace(/Exception$/, ''),
        );
    }
  }
});

/** With the action execution that is there. */
const inPlace = (input: object, actionExecutionId: string | undefined) =>
  'actionExecutionId' in input && input.actionExecutionId === 'of p'
    ? { ...input, actionExecutionId }
    : input;

eachDialect('declared errors of CodePipeline', (makeDatabase) => {
  it('are what operations answer', async () => {
    const server = await jobWorld(makeDatabase, [s3, kms]);
    for (const category of ['Source', 'Build']) await server.createType(category);
    await server.create(pipelineOf());
    const { actionExecutionDetails: [begun] = [] } = await server.pipelines.send(
      new codepipeline.ListActionExecutionsCommand({ pipelineName: 'p' }),
    );
    const actionExecutionId = begun?.actionExecutionId;
    const commands = codepipeline as unknown as Record<string, new (input: object) => never>;
    const wrong: string[] = [];
    for (const [name, errors] of Object.entries(ROWS)) {
      const Command = commands[`${name}Command`];
      for (const [error, row] of Object.entries(errors)) {
        if (!('input' in row) || !Command) continue;
        const answer = await server.pipelines
          .send(new Command(inPlace(row.input, actionExecutionId)))
          .then(
            () => 'nothing',
            (thrown) => `${thrown.name}: ${thrown.message}`,
          );
        if (!answer.startsWith(`${error}:`)) wrong.push(`${name}: ${answer} instead of ${error}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(server.failures).toEqual([]);
  });
});
