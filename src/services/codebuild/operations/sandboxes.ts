import { randomUUID } from 'node:crypto';
import { SSMClient, StartSessionCommand } from '@aws-sdk/client-ssm';
import { page } from '../../../kit/pages.ts';
import { at, atEach, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { invalidInput, sandboxNotFound } from '../errors.ts';
import { sessionTargetOf } from '../model/debug.ts';
import {
  SANDBOX_PREFIX,
  sandboxArn,
  sandboxInputs,
  sandboxOf,
  takesCommands,
} from '../model/sandbox.ts';
import { executionOf, type SandboxCommand } from '../model/sandbox-command.ts';
import { buildKey, SANDBOX_COMMANDS } from '../reconcilers/names.ts';
import {
  ownProject,
  ownProjectOfSandbox,
  project as projectKind,
  projectOfSandbox,
} from '../resources/project.ts';
import { namedFleet } from '../run/build-fleet.ts';
import { awaitEnd } from '../run/ended.ts';
import { stopBuild as stop } from '../run/full-disk.ts';
import { roleClient } from '../run/service-role.ts';
import * as store from '../store/builds.ts';
import * as commands from '../store/commands.ts';
import { asked, checkToken, initiator, pageOfIds, ruled } from './arguments.ts';
import { start } from './builds.ts';
import { codebuild } from './declare.ts';

export const startSandbox = codebuild(
  'startSandbox',
  on(ownProject, ({ projectName }) => projectName),
  async (ctx, { idempotencyToken }, { project }) => {
    checkToken({ idempotencyToken });
    const { accountId, region, partition } = ctx;
    const input = {
      projectName: project.name,
      // Apart from those of builds.
      ...(idempotencyToken && { idempotencyToken: `${SANDBOX_PREFIX}${idempotencyToken}` }),
    };
    const fleet = await namedFleet(ctx, ctx.db, project.environment?.fleet?.fleetArn);
    const inputs = ruled(() =>
      sandboxInputs({
        ...{ project, input, accountId, region, partition, fleet },
        ...{ initiator: initiator(ctx), endpoint: ctx.serverEndpoint() },
      }),
    );
    const build = await start(ctx, project, input, { inputs });
    return { sandbox: sandboxOf({ id: build.id ?? '', build, inputs }) };
  },
);

export const stopSandbox = codebuild(
  'stopSandbox',
  at(ownProjectOfSandbox, ({ id }) => id),
  async (ctx, _input, { buildId: id }) => {
    await found(ctx, id);
    await stop(ctx, id);
    const stopped = await awaitEnd(ctx, ctx, id);
    if (!stopped) throw sandboxNotFound(id);
    return { sandbox: sandboxOf(stopped) };
  },
);

export const batchGetSandboxes = codebuild(
  'batchGetSandboxes',
  atEach(ownProjectOfSandbox, ({ ids = [] }) => [...new Set(ids)]),
  async (ctx, { ids = [] }, located) => {
    const unique = [...new Set(ids)];
    const named = located.map(({ buildId }) => buildId);
    const known = await store.findSandboxes(ctx.db, ctx, named);
    const all = located.map(({ buildId, accountId, region }) => {
      const one = known.get(buildId);
      // An ARN may be of another region.
      return one?.accountId === accountId && one.region === region ? one : undefined;
    });
    return {
      sandboxes: all.flatMap((one) => (one ? [sandboxOf(one)] : [])),
      sandboxesNotFound: unique.filter((_, index) => !all[index]),
    };
  },
);

export const listSandboxes = codebuild('listSandboxes', {}, (ctx, input) =>
  pageOfIds(
    ctx,
    input,
    (wanted) => store.listBuilds(ctx.db, ctx, { sandboxes: true, ...wanted }),
    ({ started_at }) => started_at,
  ),
);

export const listSandboxesForProject = codebuild(
  'listSandboxesForProject',
  on(projectKind, ({ projectName }) => projectName),
  (ctx, input, { project: { name = '' }, ...owner }) =>
    pageOfIds(
      ctx,
      input,
      (wanted) => store.listBuilds(ctx.db, owner, { project: SANDBOX_PREFIX + name, ...wanted }),
      ({ build_number }) => build_number,
    ),
);

export const startCommandExecution = codebuild(
  'startCommandExecution',
  at(ownProjectOfSandbox, ({ sandboxId }) => sandboxId),
  async (ctx, { command = '' }, { buildId }) => {
    const given = { id: randomUUID(), command, submitTime: ctx.clock.now() };
    return ctx.transaction(async (tx) => {
      const sandbox = await store.findBuild(tx, ctx, buildId);
      if (!sandbox?.inputs.sandbox) throw sandboxNotFound(buildId);
      if (!takesCommands(sandbox)) throw invalidInput(`Sandbox ${buildId} is not running`);
      const made = await commands.insertCommand(tx, ctx, buildId, given);
      await ctx.engine.wake(tx, SANDBOX_COMMANDS, buildKey(ctx, buildId));
      return { commandExecution: executionOf(sandbox, made) };
    });
  },
);

export const batchGetCommandExecutions = codebuild(
  'batchGetCommandExecutions',
  at(projectOfSandbox, ({ sandboxId }) => sandboxId),
  async (ctx, { commandExecutionIds = [] }, { buildId }) => {
    const sandbox = await store.findBuild(ctx.db, ctx, buildId);
    // Unlike its siblings it declares no ResourceNotFoundException.
    if (!sandbox?.inputs.sandbox) throw invalidInput(`Sandbox ${buildId} does not exist`);
    const ids = [...new Set(commandExecutionIds)];
    const there = await commands.findCommands(ctx.db, ctx, buildId, ids);
    const byId = new Map(there.map((one) => [one.id, one]));
    return {
      commandExecutions: ids.flatMap((id) => {
        const one = byId.get(id);
        return one ? [executionOf(sandbox, one)] : [];
      }),
      commandExecutionsNotFound: ids.filter((id) => !byId.has(id)),
    };
  },
);

export const listCommandExecutionsForSandbox = codebuild(
  'listCommandExecutionsForSandbox',
  at(projectOfSandbox, ({ sandboxId }) => sandboxId),
  async (ctx, input, { buildId }) => {
    const sandbox = await found(ctx, buildId);
    const order = input.sortOrder === 'ASCENDING' ? 'asc' : 'desc';
    const { items, nextToken } = await page<SandboxCommand, readonly [number, string]>(
      ctx,
      asked(input),
      (after, limit) => commands.listCommands(ctx.db, ctx, buildId, { order, after, limit }),
      ({ number, id }) => [number, id],
    );
    return {
      commandExecutions: items.map((one) => executionOf(sandbox, one)),
      ...(nextToken && { nextToken }),
    };
  },
);

/** As on AWS the session is opened under the project's role, which needs ssm:StartSession and ssmmessages' channels. */
export const startSandboxConnection = codebuild(
  'startSandboxConnection',
  at(ownProjectOfSandbox, ({ sandboxId }) => sandboxId),
  async (ctx, _input, { buildId: id }) => {
    const { inputs, build, accountId, region } = await found(ctx, id);
    const { serviceRole, actor } = inputs;
    const ssm = roleClient(ctx, SSMClient, { serviceRole, actor, id, accountId, region });
    try {
      const session = await ssm.send(new StartSessionCommand({ Target: sessionTargetOf(id) }));
      const { SessionId: sessionId, TokenValue: tokenValue, StreamUrl = '' } = session;
      // At the address under which the caller reached the server, which is not the role's.
      const streamUrl = StreamUrl.replace(/^wss?:\/\/[^/]*/, ctx.endpoint.replace(/^http/, 'ws'));
      return { ssmSession: { sessionId, tokenValue, streamUrl } };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const arn = sandboxArn(build.arn ?? '');
      throw invalidInput(`Failed to start SSM session for sandbox ${arn}: ${error.message}`);
    }
  },
);

async function found(ctx: ServiceContext, id: string): Promise<store.StoredBuild> {
  const sandbox = await store.findBuild(ctx.db, ctx, id);
  if (!sandbox?.inputs.sandbox) throw sandboxNotFound(id);
  return sandbox;
}
