import { randomUUID } from 'node:crypto';
import { LimitExceededException, type PipelineDeclaration } from '@aws-sdk/client-codepipeline';
import { AwsError, exception, isAwsError } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import { mayAssume } from '../../../kit/may-assume.ts';
import { page } from '../../../kit/pages.ts';
import { passRole } from '../../../kit/pass-role.ts';
import { at, type Named, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { pipelineNameInUse, pipelineVersionNotFound, roleNotAssumable } from '../errors.ts';
import { PIPELINES } from '../limits.ts';
import { type ActionFacts, findActionType, watchedSources } from '../model/action-type.ts';
import { cancelAll, start } from '../model/commands.ts';
import { type ExecutionMode, normalise, type Pipeline, typeIdsIn } from '../model/declaration.ts';
import { isPolled } from '../model/polling.ts';
import { maskPipeline, unmaskPipeline } from '../model/secrets.ts';
import { validateStructure } from '../model/structure.ts';
import type { Job } from '../providers/action-type.ts';
import { actionTypes, notBuilt } from '../providers/index.ts';
import { knownTypes, usableTypes } from '../providers/made-types.ts';
import { SERVICE_PRINCIPAL } from '../providers/role.ts';
import { settle } from '../reconcilers/pipeline.ts';
import { pipeline, pipelineArn, tagList, tagRules } from '../resources/pipeline.ts';
import {
  countPipelines,
  deletePipeline as deleteRecord,
  findPipeline,
  insertPipeline,
  listPipelines as listRecords,
  type PipelineRecord,
  updatePipeline as updateRecord,
} from '../store/pipelines.ts';
import { pollingEnded } from '../views/polling.ts';
import { asked } from './asked.ts';
import { codepipeline } from './declare.ts';

const atDeclared = at(pipeline, (input: { pipeline: PipelineDeclaration | undefined }) => [
  input.pipeline?.name,
]);
const atNamed = at(pipeline, ({ name }: { name: string | undefined }) => [name]);

/** Creates version 1 and starts an execution of it (CP-A47). */
export const createPipeline = codepipeline(
  'createPipeline',
  atDeclared,
  async (ctx, input, located) => {
    const { declaration, types } = await checkedDeclaration(ctx, input.pipeline, 1);
    checkNewTags(input.tags ?? [], tagRules(located.arn));
    const tags = tagList(tagsOf(input.tags));
    const now = ctx.clock.now();
    const record: PipelineRecord = {
      ...located,
      pipelineId: randomUUID(),
      version: 1,
      nextOrdinal: 1,
      declaration,
      created: now,
      updated: now,
      tags,
    };
    const executionId = randomUUID();
    await ctx.transaction(async (tx) => {
      await checkRoom(ctx, tx, located);
      await insertPipeline(tx, record, watchedSources(types, declaration));
      await startCreated(ctx, tx, record, executionId);
    });
    return { pipeline: toAws(declaration, types), ...(input.tags && { tags }) };
  },
);

async function checkRoom(ctx: ServiceContext, tx: Tx, located: Named): Promise<void> {
  const { accountId, name } = located;
  if (await pipeline.find(tx, located)) throw pipelineNameInUse(accountId, name);
  const allowed = await ctx.quotas.value(tx, ctx, 'codepipeline', PIPELINES);
  if ((await countPipelines(tx, ctx.accountId, ctx.region)) >= allowed) {
    throw exception(
      LimitExceededException,
      `The account '${ctx.accountId}' has reached the limit of ${allowed} pipelines`,
    );
  }
}

async function startCreated(
  ctx: ServiceContext,
  tx: Tx,
  record: PipelineRecord,
  executionId: string,
): Promise<void> {
  // A variable without a default has no value here: then only StartPipelineExecution can start it.
  if (record.declaration.variables?.some((v) => v.defaultValue === undefined)) return;
  const trigger = { triggerType: 'CreatePipeline', triggerDetail: ctx.principal.arn } as const;
  await settle(ctx, tx, record.pipelineId, (draft) => start(draft, { executionId, trigger }));
}

/** A whole new structure. Executions of the one before do not go on (CP-A43, CP-A44). */
export const updatePipeline = codepipeline(
  'updatePipeline',
  atDeclared,
  async (ctx, input, located) => {
    const { declaration: checked, types } = await checkedDeclaration(ctx, input.pipeline, 1);
    const declaration = await ctx.transaction(async (tx) => {
      const record = await need(tx, pipeline, located);
      await settle(ctx, tx, record.pipelineId, cancelAll);
      const kept = unmaskPipeline(types, checked, record.declaration);
      const updated = { ...kept, version: record.version + 1 };
      const { version } = updated;
      await updateRecord(
        tx,
        { ...record, version, declaration: updated, updated: ctx.clock.now() },
        watchedSources(types, updated),
      );
      return updated;
    });
    return { pipeline: toAws(declaration, types) };
  },
);

/** The declaration with its defaults, once the caller may pass its role and the role trusts CodePipeline. */
async function checkedDeclaration(
  ctx: ServiceContext,
  given: PipelineDeclaration | undefined,
  version: number,
): Promise<{ declaration: Pipeline; types: readonly ActionFacts[] }> {
  const declaration = normalise(given as PipelineDeclaration, version);
  const { roleArn } = declaration;
  const sourceArn = pipelineArn(ctx, declaration.name);
  const role = { service: SERVICE_PRINCIPAL, roleArn, sourceArn };
  await passRole(ctx, role);
  const types = await usableTypes(ctx.db, ctx, typeIdsIn(declaration));
  validateStructure(declaration, { region: ctx.region, actionTypes: types, notBuilt });
  await checkGiven(ctx, declaration);
  // CP-A38
  if (!(await mayAssume(ctx, { ...role, region: ctx.region }))) throw roleNotAssumable(roleArn);
  return { declaration, types };
}

/** What the actions are given to use, the caller must be one who may give it. @throws AccessDeniedException */
async function checkGiven(ctx: ServiceContext, { stages }: Pipeline): Promise<void> {
  const client: Job['client'] = (Client) => ctx.client(Client, forwarded(ctx, 'codepipeline'));
  for (const action of stages.flatMap((stage) => stage.actions)) {
    try {
      await findActionType(actionTypes, action.actionTypeId)?.given?.(action, client);
    } catch (error) {
      throw isAwsError(error, 'AccessDeniedException')
        ? new AwsError('AccessDeniedException', (error as Error).message)
        : error;
    }
  }
}

export const getPipeline = codepipeline(
  'getPipeline',
  atNamed,
  async (ctx, { version }, located) => {
    const { accountId, region, name } = located;
    const record = await findPipeline(ctx.db, { accountId, region, name }, version);
    if (!record) {
      await need(ctx.db, pipeline, located);
      throw pipelineVersionNotFound(accountId, name, version ?? 0);
    }
    const types = await knownTypes(ctx.db, record, typeIdsIn(record.declaration));
    // Of the current version: nobody polls for another's sources.
    const pollingDisabledAt =
      version === undefined ? await pollingDisabled(ctx, record) : undefined;
    return {
      pipeline: toAws(record.declaration, types),
      metadata: {
        ...{ pipelineArn: record.arn, created: record.created, updated: record.updated },
        ...(pollingDisabledAt && { pollingDisabledAt }),
      },
    };
  },
);

/** CP-A50 */
async function pollingDisabled(ctx: ServiceContext, record: PipelineRecord) {
  const [first] = record.declaration.stages;
  const polled = first?.actions.some(({ name }) => isPolled(actionTypes, record.declaration, name));
  return polled ? pollingEnded(ctx, record) : undefined;
}

/** Deleting what does not exist succeeds (CP-A48). */
export const deletePipeline = codepipeline(
  'deletePipeline',
  atNamed,
  async (ctx, _input, located) => {
    await ctx.transaction((tx) => deleteRecord(tx, located));
    return {};
  },
);

export const listPipelines = codepipeline(
  'listPipelines',
  { resource: (ctx) => pipelineArn(ctx, '*') },
  async (ctx, input) => {
    const { items, nextToken } = await page(
      ctx,
      asked(input, 1000),
      (after: string | undefined, limit) => listRecords(ctx.db, ctx, { after, limit }),
      (row) => row.name,
    );
    return {
      pipelines: items.map((row) => ({
        name: row.name,
        version: row.version,
        pipelineType: row.pipeline_type as 'V1' | 'V2',
        executionMode: row.execution_mode as ExecutionMode,
        created: new Date(row.created),
        updated: new Date(row.updated),
      })),
      ...(nextToken && { nextToken }),
    };
  },
);

/** Ours is a stricter form of the SDK's type, and knows secrets. */
function toAws(declaration: Pipeline, types: readonly ActionFacts[]): PipelineDeclaration {
  return maskPipeline(types, declaration) as unknown as PipelineDeclaration;
}
