import { createHash, randomUUID } from 'node:crypto';
import type { Build, Project, StartBuildInput } from '@aws-sdk/client-codebuild';
import { formatArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { page } from '../../../kit/pages.ts';
import { at, atEach, need, on, type Place } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { encodeJson } from '../../../lib/json.ts';
import { buildNotFound, invalidInput, tooManyBuilds } from '../errors.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { startEvents } from '../model/events.ts';
import { actorOf, isManaged } from '../model/managed.ts';
import { buildInputs, newBuild, type Start } from '../model/new-build.ts';
import { BUILD, buildKey } from '../reconcilers/names.ts';
import {
  ownProject,
  ownProjectOfBuild,
  project as projectKind,
  projectOfBuild,
} from '../resources/project.ts';
import { awaitEnd } from '../run/ended.ts';
import { stopBuild as stop } from '../run/full-disk.ts';
import { checkRole } from '../run/service-role.ts';
import * as store from '../store/builds.ts';
import { takeBuildNumber } from '../store/projects.ts';
import { asked, ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

function buildArn({ accountId, region, buildId }: Place & { buildId: string }): string {
  return formatArn({ service: 'codebuild', region, accountId, resource: `build/${buildId}` });
}

/** Start or number of a build, and its id. */
type BuildKey = readonly [number, string];

export const startBuild = codebuild(
  'startBuild',
  on(ownProject, ({ projectName }) => projectName),
  async (ctx, input, found) => ({ build: await start(ctx, found.project, input) }),
);

export const retryBuild = codebuild(
  'retryBuild',
  at(ownProjectOfBuild, ({ id }) => id),
  async (ctx, input, located) => {
    const { buildId: id } = located;
    const old = await store.findBuild(ctx.db, ctx, id);
    if (!old) throw buildNotFound(id);
    if (!old.build.buildComplete)
      throw invalidInput(`Build ${id} is in progress and cannot be retried`);
    const again: StartBuildInput = { projectName: old.build.projectName, ...idempotency(input) };
    const { project } = await need(ctx.db, ownProject, located);
    return { build: await start(ctx, project, again, old.inputs) };
  },
);

export const stopBuild = codebuild(
  'stopBuild',
  at(ownProjectOfBuild, ({ id }) => id),
  async (ctx, _input, { buildId: id }) => {
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
  atEach(projectOfBuild, ({ ids = [] }) => [...new Set(ids)]),
  async (ctx, { ids = [] }, located) => {
    const byArn = new Map<string, Build>();
    for (const owner of new Map(located.map((each) => [each.accountId, each])).values()) {
      const own = located.filter(({ accountId }) => accountId === owner.accountId);
      const wanted = own.map(({ buildId }) => buildId);
      for (const build of await store.findBuilds(ctx.db, owner, wanted))
        byArn.set(build.arn ?? '', build);
    }
    const asked = [...new Set(ids)];
    const found = located.map((each) => byArn.get(buildArn(each)));
    return {
      builds: found.flatMap((build) => build ?? []),
      buildsNotFound: asked.filter((_, index) => !found[index]),
    };
  },
);

export const batchDeleteBuilds = codebuild(
  'batchDeleteBuilds',
  atEach(ownProjectOfBuild, ({ ids = [] }) => ids),
  async (ctx, _input, located) =>
    ctx.transaction(async (tx) => {
      const buildsDeleted: string[] = [];
      const buildsNotDeleted: { id: string; statusCode: string }[] = [];
      for (const asked of located) {
        const found = await store.findBuild(tx, asked, asked.buildId);
        const id = buildArn(asked);
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
  on(projectKind, ({ projectName }) => projectName),
  async (ctx, input, found) => {
    const project = found.project.name ?? '';
    const order = input.sortOrder === 'ASCENDING' ? 'asc' : 'desc';
    const { items, nextToken } = await page(
      ctx,
      asked(input),
      (after: BuildKey | undefined, limit) =>
        store.listBuilds(ctx.db, found, { project, order, after, limit }),
      ({ build_number, id }): BuildKey => [build_number, id],
    );
    return { ids: items.map(({ id }) => id), ...(nextToken && { nextToken }) };
  },
);

/** @param repeated the inputs of the build that is tried again, in place of the project's */
async function start(
  ctx: ServiceContext,
  project: Project,
  input: StartBuildInput,
  repeated?: BuildInputs,
): Promise<Build> {
  const { name = '' } = project;
  const actor = isManaged(name) ? actorOf(ctx.principal, input) : undefined;
  if (
    input.sourceTypeOverride === 'CODEPIPELINE' &&
    ctx.principal.type !== 'assumed-role' &&
    !actor
  ) {
    throw invalidInput(
      'Invalid sourceTypeOverride: CODEPIPELINE is for builds that a pipeline starts',
    );
  }
  const { accountId, region, partition } = ctx;
  const who = {
    project,
    input,
    accountId,
    region,
    partition,
    initiator: initiator(ctx),
    actor,
    endpoint: ctx.serverEndpoint(),
  };
  const inputs = repeated
    ? { ...repeated, initiator: who.initiator }
    : ruled(() => buildInputs(who));
  const roleArn = inputs.serviceRole;
  // A build that is tried again may have a role that the project has not, or no longer.
  const passed = inputs.roleOverridden === true || roleArn !== project.serviceRole;
  // What a service has run for itself is under a role that it has already.
  if (!actor) await checkRole(ctx, { roleArn, project: name, passed });
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
  const take = isManaged(name) ? store.nextBuildNumber : takeBuildNumber;
  const buildNumber = await take(tx, ctx, name);
  const build = newBuild({ ...fresh, buildNumber }, inputs);
  await store.insertBuild(tx, ctx, build, inputs, token);
  const toWatchersOnly = inputs.actor !== undefined;
  for (const event of startEvents(ctx, build))
    await ctx.events.publish(tx, event, { toWatchersOnly });
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
