import { createHash, randomUUID } from 'node:crypto';
import type { Build, StartBuildInput } from '@aws-sdk/client-codebuild';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import { buildNotFound, invalidInput, projectNotFound, tooManyBuilds } from '../errors.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { stateChangeEvent } from '../model/events.ts';
import { buildInputs, newBuild, type Start } from '../model/new-build.ts';
import { BUILD, buildKey } from '../reconcilers/names.ts';
import { awaitEnd } from '../run/ended.ts';
import { stopBuild as stop } from '../run/full-disk.ts';
import { checkRole } from '../service-role.ts';
import * as store from '../store.ts';
import { codebuild } from './declare.ts';
import {
  asked,
  buildArn,
  buildId,
  projectArn,
  projectArnOfBuild,
  projectName,
  ruled,
} from './op.ts';

/** Start or number of a build, and its id. */
type BuildKey = readonly [number, string];

export const startBuild = codebuild(
  'startBuild',
  {
    resource: (ctx, input) => projectArn(ctx, input.projectName ?? ''),
  },
  async (ctx, input) => ({ build: await start(ctx, input) }),
);

export const retryBuild = codebuild(
  'retryBuild',
  {
    resource: (ctx, input) => projectArnOfBuild(ctx, input.id ?? ''),
  },
  async (ctx, input) => {
    const id = buildId(input.id ?? '');
    const old = await store.findBuild(ctx.db, ctx, id);
    if (!old) throw buildNotFound(id);
    if (!old.build.buildComplete)
      throw invalidInput(`Build ${id} is in progress and cannot be retried`);
    const again: StartBuildInput = { projectName: old.build.projectName, ...idempotency(input) };
    return { build: await start(ctx, again, old.inputs) };
  },
);

export const stopBuild = codebuild(
  'stopBuild',
  {
    resource: (ctx, input) => projectArnOfBuild(ctx, input.id ?? ''),
  },
  async (ctx, input) => {
    const id = buildId(input.id ?? '');
    await stop(ctx, id);
    // AWS answers with the build as it is once it has been stopped; here that is so when its work has ended.
    const stopped = await awaitEnd(ctx, ctx, id);
    if (!stopped) throw buildNotFound(id);
    // On a full disk the engine may find no room to begin with what it was woken for.
    const { handle } = stopped.run;
    if (!stopped.build.buildComplete && handle) await ctx.executors.stop(handle, STOP_GRACE_MS);
    return { build: stopped.build };
  },
);

export const batchGetBuilds = codebuild(
  'batchGetBuilds',
  {
    resource: (ctx, input) => (input.ids ?? []).map((id) => projectArnOfBuild(ctx, id)),
  },
  async (ctx, input) => {
    const asked = [...new Set(input.ids ?? [])];
    const found = await store.findBuilds(ctx.db, ctx, asked.map(buildId));
    const byId = new Map(found.map((build) => [build.id, build]));
    return {
      builds: asked.flatMap((id) => byId.get(buildId(id)) ?? []),
      buildsNotFound: asked.filter((id) => !byId.has(buildId(id))),
    };
  },
);

export const batchDeleteBuilds = codebuild(
  'batchDeleteBuilds',
  {
    resource: (ctx, input) => (input.ids ?? []).map((id) => projectArnOfBuild(ctx, id)),
  },
  async (ctx, input) =>
    ctx.transaction(async (tx) => {
      const buildsDeleted: string[] = [];
      const buildsNotDeleted: { id: string; statusCode: string }[] = [];
      for (const asked of input.ids ?? []) {
        const found = await store.findBuild(tx, ctx, buildId(asked));
        const id = buildArn(ctx, asked);
        if (!found) buildsNotDeleted.push({ id, statusCode: 'BUILD_NOT_FOUND' });
        else if (!found.build.buildComplete)
          buildsNotDeleted.push({ id, statusCode: 'BUILD_IN_PROGRESS' });
        else {
          await store.deleteBuild(tx, ctx, found.id);
          buildsDeleted.push(found.build.arn ?? '');
        }
      }
      return { buildsDeleted, buildsNotDeleted };
    }),
);

export const listBuilds = codebuild('listBuilds', {}, async (ctx, input) => {
  const order = input.sortOrder === 'ASCENDING' ? 'asc' : 'desc';
  const { items, nextToken } = await page(
    ctx,
    asked(input),
    (after: BuildKey | undefined, limit) => store.listBuilds(ctx.db, ctx, { order, after, limit }),
    ({ started_at, id }): BuildKey => [started_at, id],
  );
  return { ids: items.map(({ id }) => id), ...(nextToken && { nextToken }) };
});

export const listBuildsForProject = codebuild(
  'listBuildsForProject',
  {
    resource: (ctx, input) => projectArn(ctx, input.projectName ?? ''),
  },
  async (ctx, input) => {
    const project = projectName(ctx, input.projectName ?? '');
    if (!(await store.findProject(ctx.db, ctx, project)))
      throw projectNotFound(projectArn(ctx, project));
    const order = input.sortOrder === 'ASCENDING' ? 'asc' : 'desc';
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: BuildKey | undefined, limit) =>
        store.listBuilds(ctx.db, ctx, { project, order, after, limit }),
      ({ build_number, id }): BuildKey => [build_number, id],
    );
    return { ids: items.map(({ id }) => id), ...(nextToken && { nextToken }) };
  },
);

/** @param repeated the inputs of the build that is tried again, in place of the project's */
async function start(
  ctx: ServiceContext,
  input: StartBuildInput,
  repeated?: BuildInputs,
): Promise<Build> {
  const name = projectName(ctx, input.projectName ?? '');
  const found = await store.findProject(ctx.db, ctx, name);
  if (!found) throw projectNotFound(projectArn(ctx, name));
  if (input.sourceTypeOverride === 'CODEPIPELINE' && ctx.principal.type !== 'assumed-role') {
    throw invalidInput(
      'Invalid sourceTypeOverride: CODEPIPELINE is for builds that a pipeline starts',
    );
  }
  const { accountId, region, partition } = ctx;
  const who = {
    project: found.project,
    input,
    accountId,
    region,
    partition,
    initiator: initiator(ctx),
    endpoint: ctx.serverEndpoint(),
  };
  const inputs = repeated
    ? { ...repeated, initiator: who.initiator }
    : ruled(() => buildInputs(who));
  const roleArn = inputs.serviceRole;
  // A build that is tried again may have a role that the project has not, or no longer.
  const passed = inputs.roleOverridden === true || roleArn !== found.project.serviceRole;
  await checkRole(ctx, { roleArn, project: name, passed });
  // Before the transaction, which may run more than once.
  const fresh = { ...who, uuid: randomUUID(), now: ctx.clock.now() };
  return ctx.transaction((tx) => insert(ctx, tx, fresh, inputs));
}

async function insert(
  ctx: ServiceContext,
  tx: Tx,
  fresh: Omit<Start, 'buildNumber'>,
  inputs: BuildInputs,
): Promise<Build> {
  const { input, project } = fresh;
  const token = input.idempotencyToken
    ? { token: input.idempotencyToken, digest: digestOf(input) }
    : undefined;
  if (token) {
    const earlier = await store.findBuildByToken(tx, ctx, token.token);
    if (earlier && earlier.tokenDigest !== token.digest) {
      throw invalidInput('The idempotency token was used before with other parameters');
    }
    if (earlier) return earlier.build;
  }
  const limit = project.concurrentBuildLimit;
  const name = project.name ?? '';
  if (limit !== undefined && (await store.countActiveOfProject(tx, ctx, name)) >= limit)
    throw tooManyBuilds(limit);
  const buildNumber = await store.takeBuildNumber(tx, ctx, name);
  const build = newBuild({ ...fresh, buildNumber }, inputs);
  await store.insertBuild(tx, ctx, build, inputs, token);
  await ctx.events.publish(tx, stateChangeEvent(ctx, build));
  await ctx.engine.wake(tx, BUILD, buildKey(ctx, build.id ?? ''));
  return build;
}

function digestOf(input: StartBuildInput): string {
  const sorted = Object.fromEntries(Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('sha256').update(encodeJson(sorted)).digest('hex');
}

function idempotency({ idempotencyToken }: { idempotencyToken?: string | undefined }) {
  return idempotencyToken ? { idempotencyToken } : {};
}

/** User name; `role/session`; the account for root. */
function initiator({ principal }: ServiceContext): string {
  if (principal.type === 'user') return principal.userName;
  if (principal.type === 'assumed-role') return `${principal.roleName}/${principal.sessionName}`;
  return principal.type === 'service' ? principal.service : 'root';
}
