import type { PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import type { Operation } from '../../src/aws/operation.ts';
import type { ServiceContext } from '../../src/kit/service.ts';
import type { Outcome } from '../../src/services/codepipeline/model/outcome.ts';
import type { ActionRun } from '../../src/services/codepipeline/model/state.ts';
import { operations } from '../../src/services/codepipeline/operations/index.ts';
import { findAction } from '../../src/services/codepipeline/store/executions.ts';
import type { PipelineServer } from '../../src/services/codepipeline/testing.ts';
import { perform } from '../../src/testing.ts';

/**
 * A scenario: a pipeline, and steps. Each step is one command and the events that must follow it, in order:
 * `1 Build/Unit STARTED` is execution 1 (they are numbered as they appear), stage, action and state.
 */
export interface Scenario {
  title: string;
  rows: string;
  stages: Record<string, Record<string, unknown>[]>[];
  variables?: { name: string; defaultValue?: string }[];
  steps: (Record<string, unknown> & { then?: string[]; error?: string })[];
  /** How each execution ends. */
  ends: string[];
}

const PIPELINE = 'scenario';

const actionKinds: Record<string, (name: string) => object> = {
  source: (name) => ({
    actionTypeId: type('Source', 'CodeCommit'),
    configuration: { RepositoryName: 'web', BranchName: 'main' },
    outputArtifacts: [{ name: `${name}Out` }],
  }),
  bucket: (name) => ({
    actionTypeId: type('Source', 'S3'),
    configuration: { S3Bucket: 'inbox', S3ObjectKey: 'app.zip' },
    outputArtifacts: [{ name: `${name}Out` }],
  }),
  build: () => ({
    actionTypeId: type('Build', 'CodeBuild'),
    configuration: { ProjectName: 'web' },
    inputArtifacts: [{ name: 'SourceOut' }],
  }),
  deploy: () => ({
    actionTypeId: type('Deploy', 'CodeDeploy'),
    configuration: { ApplicationName: 'web', DeploymentGroupName: 'all' },
    inputArtifacts: [{ name: 'SourceOut' }],
  }),
  approval: () => ({ actionTypeId: type('Approval', 'Manual') }),
};

function type(category: string, provider: string) {
  return { category, owner: 'AWS', provider, version: '1' };
}

function declarationOf(scenario: Scenario, changes: object = {}): PipelineDeclaration {
  return {
    name: PIPELINE,
    roleArn: 'arn:aws:iam::111122223333:role/pipeline',
    artifactStore: { type: 'S3', location: 'artifacts' },
    stages: scenario.stages.map((stage) => {
      const [name, actions] = Object.entries(stage)[0] as [string, Record<string, unknown>[]];
      return { name, actions: actions.map(declaredAction) };
    }),
    ...(scenario.variables && { variables: scenario.variables }),
    ...changes,
  } as unknown as PipelineDeclaration;
}

function declaredAction(action: Record<string, unknown>): object {
  const [kind] = Object.keys(actionKinds).filter((key) => key in action);
  if (!kind) throw new Error(`An action of no kind: ${JSON.stringify(action)}`);
  const { [kind]: name, ...more } = action;
  return { name, ...actionKinds[kind]?.(String(name)), ...more };
}

/** Plays a scenario against a server; what happened is in `timeline` and `ends`. */
export class Player {
  readonly timeline: string[] = [];
  readonly #server: PipelineServer;
  readonly #scenario: Scenario;
  readonly #ids: string[] = [];

  constructor(server: PipelineServer, scenario: Scenario) {
    this.#server = server;
    this.#scenario = scenario;
  }

  /** Does one step and waits for as many events as it says. @returns the events, or the error's name and message */
  async play(step: Scenario['steps'][number]): Promise<string[] | string> {
    const from = this.#lines().length;
    const [command, argument] = Object.entries(step)[0] as [string, never];
    const run = this.#commands[command];
    if (!run) throw new Error(`There is no command ${command}`);
    try {
      await run(argument);
    } catch (error) {
      if (step.error === undefined) throw error;
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
    const expected = step.then?.length ?? 0;
    await this.#server.until(() => this.#lines().length >= from + expected);
    return this.#lines().slice(from);
  }

  /** `1 Succeeded`, oldest first. */
  async ends(): Promise<string[]> {
    const { pipelineExecutionSummaries = [] } = await this.#call(
      operations.listPipelineExecutions,
      { pipelineName: PIPELINE },
    );
    return pipelineExecutionSummaries
      .map((e) => `${this.#ids.indexOf(e.pipelineExecutionId ?? '') + 1} ${e.status}`)
      .reverse();
  }

  #lines(): string[] {
    const own = this.#server.published.filter((event) => event.source === 'aws.codepipeline');
    return own.map(({ detail }) => {
      const id = String(detail['execution-id']);
      if (!this.#ids.includes(id)) this.#ids.push(id);
      const place = [detail.stage, detail.action].filter(Boolean).join('/');
      return [this.#ids.indexOf(id) + 1, place, detail.state].filter(Boolean).join(' ');
    });
  }

  #call<I, O>(
    // biome-ignore lint/suspicious/noExplicitAny: each operation works on a resource of its own
    operation: Operation<ServiceContext, I, O, any>,
    input: NoInfer<I>,
  ): Promise<O> {
    return perform(operation, this.#server.ctx, input);
  }

  #execution(number: number | string): string {
    this.#lines();
    return this.#ids[Number(number) - 1] ?? 'unknown';
  }

  /** The latest run of `EXECUTION/STAGE/ACTION`. */
  async #run(path: string): Promise<ActionRun> {
    const [number = '', stageName, actionName] = path.split('/');
    const { actionExecutionDetails = [] } = await this.#call(operations.listActionExecutions, {
      pipelineName: PIPELINE,
      filter: { pipelineExecutionId: this.#execution(number) },
    });
    const found = actionExecutionDetails.find(
      (a) => a.stageName === stageName && a.actionName === actionName,
    );
    const action = await findAction(this.#server.ctx.db, found?.actionExecutionId ?? '');
    if (!action) throw new Error(`${path} has not run`);
    return action.run;
  }

  async #end(path: string, outcome: Outcome): Promise<void> {
    const { actionExecutionId } = await this.#run(path);
    const { ctx, providers } = this.#server;
    providers.end(actionExecutionId, outcome);
    await ctx.transaction((tx) => ctx.engine.wake(tx, 'codepipeline/action', actionExecutionId));
  }

  async #answer(path: string, status: 'Approved' | 'Rejected'): Promise<void> {
    const [, stageName = '', actionName = ''] = path.split('/');
    const token = await this.#token(path);
    await this.#call(operations.putApprovalResult, {
      pipelineName: PIPELINE,
      stageName,
      actionName,
      token,
      result: { status, summary: 'because' },
    });
  }

  /** The approval's token; it is committed by the reconciler a moment after the action has started. */
  async #token(path: string): Promise<string> {
    for (;;) {
      const { token } = (await this.#run(path)).progress;
      if (token) return token;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #transition(stageName: string, transitionType: 'Inbound' | 'Outbound') {
    return { pipelineName: PIPELINE, stageName, transitionType };
  }

  readonly #commands: Record<string, (argument: never) => Promise<unknown>> = {
    create: () =>
      this.#call(operations.createPipeline, { pipeline: declarationOf(this.#scenario) }),
    update: (changes: object) =>
      this.#call(operations.updatePipeline, { pipeline: declarationOf(this.#scenario, changes) }),
    start: (input: object) =>
      this.#call(operations.startPipelineExecution, { name: PIPELINE, ...input }),
    push: (commitId: string) =>
      this.#publish('CodeCommit Repository State Change', 'aws.codecommit', {
        event: 'referenceUpdated',
        repositoryName: 'web',
        referenceType: 'branch',
        referenceName: 'main',
        commitId,
      }),
    upload: (versionId: string) =>
      this.#publish('Object Created', 'aws.s3', {
        bucket: { name: 'inbox' },
        object: { key: 'app.zip', 'version-id': versionId },
      }),
    succeed: (path: string) => this.#end(path, { state: 'succeeded' }),
    fail: (path: string) =>
      this.#end(path, { state: 'failed', code: 'JobFailed', message: 'as told' }),
    'build ends': async (path: string) => {
      const { actionExecutionId } = await this.#run(path);
      this.#server.providers.end(actionExecutionId, { state: 'succeeded' });
      await this.#publish('CodeBuild Build State Change', 'aws.codebuild', {
        'build-status': 'SUCCEEDED',
        'build-id': `arn:aws:codebuild:us-east-1:111122223333:build/work:${actionExecutionId}`,
      });
    },
    'lose answer': async (action: string) => this.#server.providers.loseAnswer(action),
    approve: (path: string) => this.#answer(path, 'Approved'),
    reject: (path: string) => this.#answer(path, 'Rejected'),
    disable: (stage: string) =>
      this.#call(operations.disableStageTransition, {
        ...this.#transition(stage, 'Inbound'),
        reason: 'closed',
      }),
    'disable outbound': (stage: string) =>
      this.#call(operations.disableStageTransition, {
        ...this.#transition(stage, 'Outbound'),
        reason: 'closed',
      }),
    enable: (stage: string) =>
      this.#call(operations.enableStageTransition, this.#transition(stage, 'Inbound')),
    'enable outbound': (stage: string) =>
      this.#call(operations.enableStageTransition, this.#transition(stage, 'Outbound')),
    stop: (number: number) => this.#stop(number, false),
    abandon: (number: number) => this.#stop(number, true),
    retry: (input: { execution: number; stage: string; mode: 'FAILED_ACTIONS' }) =>
      this.#call(operations.retryStageExecution, {
        pipelineName: PIPELINE,
        stageName: input.stage,
        pipelineExecutionId: this.#execution(input.execution),
        retryMode: input.mode,
      }),
    'wait minutes': async (minutes: number) => this.#server.clock.advance(minutes * 60_000),
    restart: () => this.#server.restart(),
  };

  #stop(number: number, abandon: boolean) {
    return this.#call(operations.stopPipelineExecution, {
      pipelineName: PIPELINE,
      pipelineExecutionId: this.#execution(number),
      abandon,
      reason: 'as told',
    });
  }

  async #publish(detailType: string, source: string, detail: Record<string, unknown>) {
    const { ctx } = this.#server;
    await ctx.transaction((tx) =>
      ctx.events.publish(tx, {
        source,
        'detail-type': detailType,
        account: ctx.accountId,
        region: ctx.region,
        resources: [],
        detail,
      }),
    );
  }
}
