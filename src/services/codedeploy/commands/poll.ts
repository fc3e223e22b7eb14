import type { ServiceContext } from '../../../kit/service.ts';
import type { PollHostCommandOutput } from '../../../lib/codedeploy-commands.ts';
import { hostTopic } from '../reconcilers/names.ts';
import { type Command, markServed, nextCommand } from '../store/targets.ts';
import type { Host } from './host.ts';
import { commandIdentifier, executionId } from './identifiers.ts';

/** A poll is held so long when there is nothing to do. Agents give up after 80 s. */
const HOLD_MS = 20_000;
/**
 * A command that was handed out but not acknowledged is handed out again after this: its answer was lost.
 * Agents poll again while they still fetch the specification, and must not get it twice.
 */
const SERVE_AGAIN_MS = 5000;

/** Waits for a command for a host: answers at once when there is one, `{}` when none came. */
export async function poll(ctx: ServiceContext, instance: Host): Promise<PollHostCommandOutput> {
  const until = new Date(ctx.clock.now().getTime() + HOLD_MS);
  const topic = hostTopic(ctx, instance.name);
  const command = await ctx.engine.heard(topic, () => take(ctx, instance.name), { until });
  return command ? { HostCommand: describe(ctx, instance, command) } : {};
}

/** Takes the host's next command for this poll. Looks first, so that idle polls write nothing. */
async function take(ctx: ServiceContext, instance: string): Promise<Command | undefined> {
  const now = ctx.clock.now().getTime();
  if (!(await nextCommand(ctx.db, ctx, instance, now - SERVE_AGAIN_MS))) return undefined;
  return ctx.transaction(async (tx) => {
    const command = await nextCommand(tx, ctx, instance, now - SERVE_AGAIN_MS);
    if (command) await markServed(tx, command, now);
    return command;
  });
}

function describe(ctx: ServiceContext, instance: Host, command: Command) {
  return {
    HostCommandIdentifier: commandIdentifier(command),
    HostIdentifier: instance.identifier,
    DeploymentExecutionId: executionId(ctx, command.deploymentId),
    CommandName: command.event.name,
    Nonce: command.position,
  };
}
