import { randomUUID } from 'node:crypto';
import type { BuildBatch } from '@aws-sdk/client-codebuild';
import { formatArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { at, atEach, need, on, type Place } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { batchNotFound, invalidInput } from '../errors.ts';
import { retryBatch, stopBatch } from '../model/batch/commands.ts';
import { shownBatch } from '../model/batch/groups.ts';
import { asStartBuild, type BatchStart, batchInputs, newBatch } from '../model/batch/new-batch.ts';
import type { BatchInputs } from '../model/batch/record.ts';
import { isManaged } from '../model/managed.ts';
import { fleetOf } from '../model/new-build.ts';
import { settleBatch } from '../reconcilers/batch.ts';
import { BATCH, buildKey } from '../reconcilers/names.ts';
import {
  ownProject,
  ownProjectOfBatch,
  project as projectKind,
  projectOfBatch,
} from '../resources/project.ts';
import { awaitBatchEnd } from '../run/batch-ended.ts';
import { namedFleet } from '../run/build-fleet.ts';
import { checkRole } from '../run/service-role.ts';
import { wantBatchStatus } from '../statuses/want.ts';
import * as store from '../store/batches.ts';
import { deleteBuild, findBuild } from '../store/builds.ts';
import { takeBatchNumber } from '../store/projects.ts';
import { checkToken, digestOf, initiator, pageOfIds, ruled } from './arguments.ts';
import { isCodeBuild } from './builds.ts';
import { codebuild } from './declare.ts';

/** Start or number of a batch, and its id. */

const REUSED = 'The idempotency token was used before with other parameters';

export const startBuildBatch = codebuild(
  'startBuildBatch',
  on(ownProject, ({ projectName }) => projectName),
  async (ctx, input, { project }) => {
    checkToken(input);
    const { name = '', buildBatchConfig, serviceRole } = project;
    if (isManaged(name)) throw invalidInput(`${name} has no batch builds`);
    if (input.sourceTypeOverride === 'CODEPIPELINE' && ctx.principal.type !== 'assumed-role')
      throw invalidInput(
        'Invalid sourceTypeOverride: CODEPIPELINE is for builds that a pipeline starts',
      );
    const { accountId, region, partition } = ctx;
    const who = {
      ...{ project, input, accountId, region, partition, initiator: initiator(ctx) },
      ...{ endpoint: ctx.serverEndpoint(), byWebhook: isCodeBuild(ctx) },
      fleet: await namedFleet(ctx, ctx.db, fleetOf(project, asStartBuild(input))),
    };
    const inputs = ruled(() => batchInputs(who));
    await checkRoles(ctx, inputs, name, {
      build: inputs.build.roleOverridden ? undefined : serviceRole,
      batch: input.buildBatchConfigOverride?.serviceRole
        ? undefined
        : buildBatchConfig?.serviceRole,
    });
    // Before the transaction, which may run more than once.
    const fresh = { ...who, uuid: randomUUID(), now: ctx.clock.now() };
    return { buildBatch: await ctx.transaction((tx) => insert(ctx, tx, fresh, inputs)) };
  },
);

async function insert(
  ctx: ServiceContext,
  tx: Tx,
  fresh: Omit<BatchStart, 'buildNumber'>,
  inputs: BatchInputs,
): Promise<BuildBatch> {
  const { input, project } = fresh;
  const token = input.idempotencyToken
    ? { token: input.idempotencyToken, digest: digestOf(input) }
    : undefined;
  if (token) {
    const earlier = await store.findBatchByToken(tx, ctx, token.token);
    if (earlier && earlier.tokenDigest !== token.digest && !fresh.byWebhook)
      throw invalidInput(REUSED);
    if (earlier) return shownBatch(earlier);
  }
  const buildNumber = await takeBatchNumber(tx, ctx, project.name ?? '');
  const { batch, run } = newBatch({ ...fresh, buildNumber }, inputs);
  const { accountId, region } = ctx;
  await store.insertBatch(tx, { accountId, region, batch, inputs, run }, token);
  await ctx.engine.wake(tx, BATCH, buildKey(ctx, batch.id ?? ''));
  await wantBatchStatus(ctx, tx, { accountId, region, batch, inputs }, fresh);
  return shownBatch({ batch, run });
}

/** Both roles of a batch: those that are not `own` to the project are handed over by the call. */
async function checkRoles(
  ctx: ServiceContext,
  { build, config }: BatchInputs,
  project: string,
  own: { build: string | undefined; batch: string | undefined },
): Promise<void> {
  const roles = [
    [build.serviceRole, own.build],
    [config.serviceRole, own.batch],
  ] as const;
  for (const [roleArn, kept] of roles)
    await checkRole(ctx, { roleArn, project, passed: roleArn !== kept });
}

export const retryBuildBatch = codebuild(
  'retryBuildBatch',
  at(ownProjectOfBatch, ({ id }) => id),
  async (ctx, input, located) => {
    checkToken(input);
    const { buildId: id } = located;
    const { idempotencyToken: token, retryType = 'RETRY_ALL_BUILDS' } = input;
    const old = await store.findBatch(ctx.db, ctx, id);
    if (!old) throw batchNotFound(id);
    const { project } = await need(ctx.db, ownProject, located);
    // A batch may have a role that the project has not, or no longer.
    await checkRoles(ctx, old.inputs, project.name ?? '', {
      build: old.inputs.build.roleOverridden ? undefined : project.serviceRole,
      batch: project.buildBatchConfig?.serviceRole,
    });
    const digest = digestOf({ ...input, id });
    const changed = await ctx.transaction((tx) =>
      settleBatch(ctx, tx, buildKey(ctx, id), (draft) => {
        const earlier = draft.state.run.tokens.find((each) => each.token === token);
        if (earlier && earlier.digest !== digest) throw invalidInput(REUSED);
        if (!earlier) {
          if (draft.phase !== 'FAILED')
            throw invalidInput(`Build batch ${id} has not failed and cannot be retried`);
          retryBatch(draft, retryType, token ? { token, digest } : undefined);
        }
        return shownBatch(structuredClone(draft.state));
      }),
    );
    if (!changed) throw batchNotFound(id);
    return { buildBatch: changed.result };
  },
);

export const stopBuildBatch = codebuild(
  'stopBuildBatch',
  at(ownProjectOfBatch, ({ id }) => id),
  async (ctx, _input, { buildId: id }) => {
    await ctx.transaction((tx) => settleBatch(ctx, tx, buildKey(ctx, id), stopBatch));
    const stopped = await awaitBatchEnd(ctx, ctx, id);
    if (!stopped) throw batchNotFound(id);
    return { buildBatch: shownBatch(stopped) };
  },
);

export const batchGetBuildBatches = codebuild(
  'batchGetBuildBatches',
  atEach(projectOfBatch, ({ ids = [] }) => [...new Set(ids)]),
  async (ctx, { ids = [] }, located) => {
    const byArn = new Map<string, BuildBatch>();
    for (const owner of new Map(located.map((each) => [each.accountId, each])).values()) {
      const own = located.filter(({ accountId }) => accountId === owner.accountId);
      const wanted = own.map(({ buildId }) => buildId);
      for (const batch of await store.findBatches(ctx.db, owner, wanted))
        byArn.set(batch.arn ?? '', batch);
    }
    const found = located.map((each) => byArn.get(batchArn(each)));
    return {
      buildBatches: found.flatMap((batch) => batch ?? []),
      buildBatchesNotFound: [...new Set(ids)].filter((_, index) => !found[index]),
    };
  },
);

function batchArn({ accountId, region, buildId }: Place & { buildId: string }): string {
  return formatArn({ service: 'codebuild', region, accountId, resource: `build-batch/${buildId}` });
}

export const deleteBuildBatch = codebuild(
  'deleteBuildBatch',
  at(ownProjectOfBatch, ({ id }) => id),
  async (ctx, _input, located) =>
    ctx.transaction(async (tx) => {
      const found = await store.findBatch(tx, located, located.buildId);
      if (!found) return { statusCode: 'BATCH_NOT_FOUND', buildsDeleted: [], buildsNotDeleted: [] };
      const arns = found.run.groups.flatMap(({ summary, priors }) =>
        [...priors, summary].map(({ arn = '' }) => arn),
      );
      if (found.slot !== 'done')
        return {
          statusCode: 'BATCH_IN_PROGRESS',
          buildsDeleted: [],
          buildsNotDeleted: arns.map((id) => ({ id, statusCode: 'BATCH_IN_PROGRESS' })),
        };
      const buildsDeleted: string[] = [];
      for (const arn of arns) {
        const id = arn.replace(/^.*:build\//, '');
        // Those that never ran, and those that were deleted before, are none.
        if (!(await findBuild(tx, located, id))) continue;
        await deleteBuild(tx, located, id);
        buildsDeleted.push(arn);
      }
      await store.deleteBatch(tx, located, found.id);
      return { statusCode: 'BATCH_DELETED', buildsDeleted, buildsNotDeleted: [] };
    }),
);

export const listBuildBatches = codebuild('listBuildBatches', {}, (ctx, input) =>
  pageOfIds(
    ctx,
    input,
    (asked) => store.listBatches(ctx.db, ctx, { status: input.filter?.status, ...asked }),
    ({ started_at }) => started_at,
  ),
);

export const listBuildBatchesForProject = codebuild(
  'listBuildBatchesForProject',
  on(projectKind, ({ projectName }) => {
    if (projectName === undefined) throw invalidInput('Project name is required');
    return projectName;
  }),
  (ctx, input, found) => {
    const project = found.project.name ?? '';
    const status = input.filter?.status;
    return pageOfIds(
      ctx,
      input,
      (asked) => store.listBatches(ctx.db, found, { project, status, ...asked }),
      ({ batch_number }) => batch_number,
    );
  },
);
