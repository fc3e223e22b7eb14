import { AwsError } from '../../../aws/errors.ts';
import type { AnyOperations } from '../../../aws/operation.ts';
import { operation } from '../../../kit/operation.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type * as api from '../../../lib/codedeploy-commands.ts';
import type { EventSnapshot } from '../model/deployment-state.ts';
import { isNoop, readDiagnostics, withoutScript } from '../model/diagnostics.ts';
import { deploymentSpecification } from '../model/specification.ts';
import { DEPLOYMENT } from '../reconcilers/names.ts';
import { findGroupById } from '../store/applications.ts';
import { findDeployment } from '../store/deployments.ts';
import {
  type Command,
  findCommand,
  loadTargets,
  type StoredTarget,
  setEvent,
} from '../store/targets.ts';
import { bundleOf } from './bundle.ts';
import { gitHubOf } from './github.ts';
import { requireCaller, requireHost } from './host.ts';
import { commandIdentifier, readCommandIdentifier, readExecutionId } from './identifiers.ts';
import { poll } from './poll.ts';
import { deploymentSigner } from './signer.ts';

/** Agents do not take longer envelopes. */
const MAX_PAYLOAD = 8192;

const invalid = (message: string) => new AwsError('ClientException', message);

async function pollHostCommand(
  ctx: ServiceContext,
  input: api.PollHostCommandInput,
): Promise<api.PollHostCommandOutput> {
  const instance = await requireHost(ctx, input.HostIdentifier);
  return poll(ctx, instance);
}

async function getDeploymentSpecification(
  ctx: ServiceContext,
  input: api.GetDeploymentSpecificationInput,
): Promise<api.GetDeploymentSpecificationOutput> {
  const instance = await requireHost(ctx, input.HostIdentifier);
  const deploymentId = readExecutionId(input.DeploymentExecutionId) ?? '';
  const deployment = await findDeployment(ctx.db, ctx, deploymentId);
  const [target] = deployment ? await loadTargets(ctx.db, deploymentId, [instance.name]) : [];
  if (!deployment || !target) {
    throw invalid(`${input.DeploymentExecutionId} is no deployment to this host.`);
  }
  // Loaded when the first host asks: a server without deployments does not carry the library.
  const { signMessage } = await import('../../../lib/signed-message.ts');
  const { tags = [] } = (await findGroupById(ctx.db, deployment.groupId)) ?? {};
  const of = { ...deployment, tags };
  const command = lastCommand(deploymentId, target);
  const specification = deploymentSpecification(of, {
    hostIdentifier: instance.identifier,
    command,
    invocationId: ctx.invocationId,
    bundle: deployment.revision.s3Location && (await bundleOf(ctx, deployment.revision.s3Location)),
    gitHub: await gitHubOf(ctx, of, command?.name),
  });
  const Payload = signMessage(specification, await deploymentSigner(ctx));
  if (Payload.length > MAX_PAYLOAD) {
    throw invalid(`The deployment specification is longer than ${MAX_PAYLOAD} characters.`);
  }
  return {
    DeploymentSystem: 'CodeDeploy',
    DeploymentSpecification: { GenericEnvelope: { Format: 'PKCS7/JSON', Payload } },
  };
}

/** The command that a host was offered last: what it asks the specification for. */
function lastCommand(deploymentId: string, { name: instance, events }: StoredTarget) {
  const position = events.findLastIndex((event) => event.offeredAt !== undefined);
  const event = events[position];
  if (!event) return undefined;
  const identifier = commandIdentifier({ deploymentId, instance, position });
  return { identifier, name: event.name, status: statusOf(event) };
}

/** Changes a command of the calling host; `change` runs in a transaction and returns what to answer. */
async function withCommand<T>(
  ctx: ServiceContext,
  identifier: string | undefined,
  change: (
    command: Command | undefined,
    update: (set: Parameters<typeof setEvent>[2]) => Promise<void>,
  ) => Promise<T>,
): Promise<T> {
  const key = readCommandIdentifier(identifier);
  const now = ctx.clock.now().getTime();
  // Before the transaction: other services are asked whose session of EC2 it is.
  const instance = await requireCaller(ctx);
  return ctx.transaction(async (tx) => {
    const own = key?.instance === instance.name ? key : undefined;
    const command = own && (await findCommand(tx, ctx, own));
    return change(command, async (set) => {
      if (!own) return;
      await setEvent(tx, own, set, now);
      await ctx.engine.wake(tx, DEPLOYMENT, own.deploymentId);
    });
  });
}

/** What a command's event is to an agent: withdrawn ones are as good as failed. */
function statusOf({ status }: EventSnapshot): api.CommandStatus {
  return status === 'Skipped' ? 'Failed' : status;
}

async function putHostCommandAcknowledgement(
  ctx: ServiceContext,
  input: api.PutHostCommandAcknowledgementInput,
): Promise<api.PutHostCommandAcknowledgementOutput> {
  return withCommand(ctx, input.HostCommandIdentifier, async (command, update) => {
    if (!command) throw invalid(`${input.HostCommandIdentifier} is no command for this host.`);
    const { status, offeredAt } = command.event;
    if (status !== 'Pending' || offeredAt === undefined)
      return { CommandStatus: statusOf(command.event) };
    const startedAt = ctx.clock.now().getTime();
    if (!isNoop(input.Diagnostics?.Payload)) {
      await update({ status: 'InProgress', startedAt });
      return { CommandStatus: 'InProgress' };
    }
    // Nothing to run on the host: the event is over, and the agent drops the command.
    const diagnostics = withoutScript('Success', 'Succeeded');
    await update({ status: 'Succeeded', startedAt, endedAt: startedAt, diagnostics });
    return { CommandStatus: 'Succeeded' };
  });
}

/** Never refuses: an agent that is told of an error reports a failure. The first report counts, later ones are dropped. */
async function putHostCommandComplete(
  ctx: ServiceContext,
  input: api.PutHostCommandCompleteInput,
): Promise<Record<string, never>> {
  const { CommandStatus: status } = input;
  return withCommand(ctx, input.HostCommandIdentifier, async (command, update) => {
    const open = command?.event.status === 'InProgress' || command?.event.status === 'Pending';
    const taken = open && command.event.offeredAt !== undefined;
    if (!taken || (status !== 'Succeeded' && status !== 'Failed')) return {};
    const endedAt = ctx.clock.now().getTime();
    await update({
      status,
      endedAt,
      // It may come without an acknowledgement, when the agent cannot read the specification.
      ...(command.event.startedAt === undefined && { startedAt: endedAt }),
      diagnostics: readDiagnostics(input.Diagnostics?.Payload, status),
    });
    return {};
  });
}

async function postHostCommandUpdate(
  ctx: ServiceContext,
  input: api.PostHostCommandUpdateInput,
): Promise<api.PostHostCommandUpdateOutput> {
  return withCommand(ctx, input.HostCommandIdentifier, async (command) => {
    if (!command) throw invalid(`${input.HostCommandIdentifier} is no command for this host.`);
    return { CommandStatus: statusOf(command.event) };
  });
}

const handlers = {
  pollHostCommand,
  getDeploymentSpecification,
  putHostCommandAcknowledgement,
  putHostCommandComplete,
  postHostCommandUpdate,
};

function table(prefix: string, rule: 'none' | Record<string, never>): AnyOperations {
  const entries = Object.entries(handlers).map(([name, handle]) => [
    name,
    operation(
      prefix,
      name,
      rule,
      handle as (ctx: ServiceContext, input: unknown) => Promise<unknown>,
    ),
  ]);
  return Object.fromEntries(entries);
}

/** Being the registered host is all the permission that the plain API asks for. */
export const operations = table('codedeploy-commands', 'none');
/** With an auth policy, IAM is asked as well. */
export const secureOperations = table('codedeploy-commands-secure', {});
