import { randomUUID } from 'node:crypto';
import type { Build, Project, StartBuildInput } from '@aws-sdk/client-codebuild';
import { formatArn } from '../../../aws/arn.ts';
import type { Tx } from '../../../db/database.ts';
import { ComputeAway } from '../../../executors/executor.ts';
import { at, atEach, need, on, type Place } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { defined } from '../../../lib/defined.ts';
import { buildNotFound, invalidInput, tooManyBuilds } from '../errors.ts';
import { STOP_GRACE_MS } from '../limits.ts';
import type { BuildInputs } from '../model/build-record.ts';
import { startEvents } from '../model/events.ts';
import { actorOf, isManaged } from '../model/managed.ts';
import { buildInputs, fleetOf, newBuild, type Start } from '../model/new-build.ts';
import { SANDBOX_PREFIX } from '../model/sandbox.ts';
import { BUILD, buildKey } from '../reconcilers/names.ts';
import {
  ownProject,
  ownProjectOfBuild,
  project as projectKind,
  projectOfBuild,
} from '../resources/project.ts';
import { namedFleet } from '../run/build-fleet.ts';
import { awaitEnd } from '../run/ended.ts';
import { stopBuild as stop } from '../run/full-disk.ts';
import { checkRole, SERVICE_PRINCIPAL } from '../run/service-role.ts';
import { wantStatus } from '../statuses/want.ts';
import * as store from '../store/builds.ts';
import { takeBuildNumber } from '../store/projects.ts';
import { checkToken, digestOf, initiator, pageOfIds, ruled } from './arguments.ts';
import { codebuild } from './declare.ts';

function buildArn({ accountId, region, buildId }: Place & { buildId: string }): string {
  return formatArn({ service: 'codebuild', region, accountId, resource: `build/${buildId}` });
}

/** Start or number of a build, and its id. */

export const startBuild = codebuild(
  'startBuild',
  on(ownProject, ({ projectName }) => projectName),
  async (ctx, input, found) => {
    checkToken(input);
    return { build: await start(ctx, found.project, input) };
  },
);

export const retryBuild = codebuild(
  'retryBuild',
  at(ownProjectOfBuild, ({ id }) => id),
  async (ctx, input, located) => {
    checkToken(input);
    const { buildId: id } = located;
    const old = await store.findBuild(ctx.db, ctx, id);
    if (!old || old.inputs.sandbox) throw buildNotFound(id);
    if (!old.build.buildComplete)
      throw invalidInput(`Build ${id} is in progress and cannot be retried`);
    if (old.inputs.batch)
      throw invalidInput(`Build ${id} belongs to a batch build: RetryBuildBatch retries it`);
    const again: StartBuildInput = { projectName: old.build.projectName, ...idempotency(input) };
    const { project } = await need(ctx.db, ownProject, located);
    return { build: await start(ctx, project, again, { inputs: old.inputs, repeats: id }) };
  },
);

export const stopBuild = codebuild(
  'stopBuild',
  at(ownProjectOfBuild, ({ id }) => id),
  async (ctx, _input, { buildId: id }) => {
    if ((await store.findBuild(ctx.db, ctx, id))?.inputs.sandbox) throw buildNotFound(id);
    await stop(ctx, id);
    // AWS answers with the build as it is once it has been stopped; here that is so when its work has ended.
    const stopped = await awaitEnd(ctx, ctx, id);
    if (!stopped) throw buildNotFound(id);
    // On a full disk the engine may find no room to begin with what it was woken for.
    const { handle } = stopped.run;
    if (!stopped.build.buildComplete && handle) {
      await ctx.executors.stop(handle, STOP_GRACE_MS).catch((error) => {
        // It ends with its phase, and what runs on is ended when that is back.
        if (!(error instanceof ComputeAway)) throw error;
      });
    }
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
        if (!found || found.inputs.sandbox)
          buildsNotDeleted.push({ id, statusCode: 'BUILD_NOT_FOUND' });
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

export const listBuilds = codebuild('listBuilds', {}, (ctx, input) =>
  pageOfIds(
    ctx,
    input,
    (asked) => store.listBuilds(ctx.db, ctx, asked),
    ({ started_at }) => started_at,
  ),
);

export const listBuildsForProject = codebuild(
  'listBuildsForProject',
  on(projectKind, ({ projectName }) => projectName),
  (ctx, input, found) => {
    const project = found.project.name ?? '';
    return pageOfIds(
      ctx,
      input,
      (asked) => store.listBuilds(ctx.db, found, { project, ...asked }),
      ({ build_number }) => build_number,
    );
  },
);

/** @param given inputs in place of the project's, and the build that they are of where one is tried again */
export async function start(
  ctx: ServiceContext,
  project: Project,
  input: StartBuildInput,
  given?: { inputs: BuildInputs; repeats?: string },
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
    byWebhook: isCodeBuild(ctx),
    endpoint: ctx.serverEndpoint(),
  };
  const named = given ? given.inputs.fleet?.arn : fleetOf(project, input);
  const fleet = await namedFleet(ctx, ctx.db, named);
  const inputs = given
    ? { ...given.inputs, ...(fleet && { fleet }), initiator: who.initiator }
    : ruled(() => buildInputs({ ...who, fleet }));
  const roleArn = inputs.serviceRole;
  // A build that is tried again may have a role that the project has not, or no longer.
  const passed = inputs.roleOverridden === true || roleArn !== project.serviceRole;
  // What a service has run for itself is under a role that it has already.
  if (!actor) await checkRole(ctx, { roleArn, project: name, passed });
  // Before the transaction, which may run more than once.
  const fresh = { ...who, uuid: randomUUID(), now: ctx.clock.now(), repeats: given?.repeats };
  return ctx.transaction((tx) => insert(ctx, tx, fresh, inputs));
}

async function insert(
  ctx: ServiceContext,
  tx: Tx,
  fresh: Omit<Start, 'buildNumber'> & { repeats: string | undefined },
  inputs: BuildInputs,
): Promise<Build> {
  const { input, project, repeats } = fresh;
  const token = input.idempotencyToken
    ? { token: input.idempotencyToken, digest: digestOf({ ...input, ...defined({ repeats }) }) }
    : undefined;
  if (token) {
    const earlier = await store.findBuildByToken(tx, ctx, token.token);
    // A webhook's token is what was signed: headers may be other ones when it is told again. That of a service is the
    // action's: what it asked for anew in between, as a registry's password, is another one.
    const isOne = fresh.byWebhook || fresh.actor !== undefined;
    if (earlier && earlier.tokenDigest !== token.digest && !isOne) {
      throw invalidInput('The idempotency token was used before with other parameters');
    }
    if (earlier) return earlier.build;
  }
  // It may have been deleted meanwhile.
  await namedFleet(ctx, tx, inputs.fleet?.arn);
  const limit = inputs.sandbox ? undefined : project.concurrentBuildLimit;
  const name = project.name ?? '';
  if (limit !== undefined && (await store.countActiveOfProject(tx, ctx, name)) >= limit)
    throw tooManyBuilds(limit);
  const buildNumber = inputs.sandbox
    ? await store.nextBuildNumber(tx, ctx, SANDBOX_PREFIX + name)
    : await (isManaged(name) ? store.nextBuildNumber : takeBuildNumber)(tx, ctx, name);
  const build = newBuild({ ...fresh, buildNumber }, inputs);
  await store.insertBuild(tx, ctx, build, inputs, token);
  const toWatchersOnly = inputs.actor !== undefined;
  for (const event of inputs.sandbox ? [] : startEvents(ctx, build))
    await ctx.events.publish(tx, event, { toWatchersOnly });
  await ctx.engine.wake(tx, BUILD, buildKey(ctx, build.id ?? ''));
  await wantStatus(ctx, tx, ctx, { build, inputs, endpoint: fresh.endpoint });
  return build;
}

/** A webhook starts its builds as CodeBuild itself. */
export const isCodeBuild = ({ principal }: ServiceContext): boolean =>
  principal.type === 'service' && principal.service === SERVICE_PRINCIPAL;

function idempotency({ idempotencyToken }: { idempotencyToken?: string | undefined }) {
  return idempotencyToken ? { idempotencyToken } : {};
}
