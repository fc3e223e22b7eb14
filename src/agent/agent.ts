import { setTimeout as wait } from 'node:timers/promises';
import type { HostCommand, PutHostCommandCompleteInput } from '../lib/codedeploy-commands.ts';
import { UntrustedSigner } from '../lib/signed-message.ts';
import type { CommandsClient } from './commands-client.ts';
import type { DeploymentLog, DeploymentLogs } from './deployment-log.ts';
import { failed, failedAfterRestart, succeeded } from './diagnostics.ts';
import { type ExecutorOptions, executeCommand, isNoop } from './executor.ts';
import { CommandError } from './signed-call.ts';
import { readSpecification, type Specification } from './specification.ts';
import { connectionWords } from './system-error.ts';
import { endScripts, interruptedCommands, track, trackScript, untrack } from './tracker.ts';
import type { ServerTrust } from './trust.ts';
import { tryAgain } from './try-again.ts';

export interface AgentOptions extends ExecutorOptions {
  client: CommandsClient;
  trust: ServerTrust;
  hostIdentifier: string;
  /** Stops the agent; a command in progress is finished first. */
  signal: AbortSignal;
  info(message: string): void;
  /** Where deployments are told of that ask for it. */
  logs?: DeploymentLogs;
}

/** A server that answers an empty poll at once is not asked again before this. */
const SHORTEST_POLL_MS = 1000;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;
/** An agent that is to end tries for so long to report the command that it has finished. */
const LAST_REPORT_MS = 60_000;

/** Polls for commands and executes them one after the other until it is told to stop. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { signal } = options;
  await options.trust.anchors().catch((error) => options.warn((error as Error).message));
  await reportInterrupted(options);
  let delay = FIRST_RETRY_MS;
  while (!signal.aborted) {
    const started = Date.now();
    try {
      const command = await nextCommand(options);
      delay = FIRST_RETRY_MS;
      // Nor one that offers what fails at once again and again.
      if (!command || !(await handle(options, command)))
        await pause(SHORTEST_POLL_MS - (Date.now() - started), signal);
    } catch (error) {
      if (signal.aborted) return;
      options.warn(`Error polling for host commands: ${connectionWords(error)}`);
      await pause(delay, signal);
      delay = Math.min(delay * 2, LONGEST_RETRY_MS);
    }
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => {});
}

/** What ran when the agent was killed has failed (CD-AGT-13). */
async function reportInterrupted(options: AgentOptions): Promise<void> {
  const { client, layout, info, warn, signal } = options;
  for (const command of await interruptedCommands(layout)) {
    const { deploymentId, identifier } = command;
    info(`A command of ${deploymentId} was in progress when the agent ended: it has failed.`);
    await endScripts(command);
    try {
      await client.putHostCommandComplete({
        HostCommandIdentifier: identifier,
        CommandStatus: 'Failed',
        Diagnostics: { Format: 'JSON', Payload: failedAfterRestart() },
      });
    } catch (error) {
      // Told to end before the server answered: the next start reports it.
      if (signal.aborted) return;
      warn(`The failure could not be reported: ${(error as Error).message}`);
    }
    await untrack(layout, deploymentId);
  }
}

async function nextCommand({
  client,
  hostIdentifier,
}: AgentOptions): Promise<HostCommand | undefined> {
  const { HostCommand: command } = await client.pollHostCommand({ HostIdentifier: hostIdentifier });
  if (!command) return undefined;
  if (!hostIdentifier.includes(command.HostIdentifier ?? '')) {
    throw new Error(`Host Identifier mismatch: ${hostIdentifier} != ${command.HostIdentifier}`);
  }
  if (!command.CommandName) throw new Error('Command Name missing');
  return command;
}

/** Fetches the specification, acknowledges, executes, reports. @returns true when it has done what was asked for */
async function handle(options: AgentOptions, command: HostCommand): Promise<boolean> {
  const { layout, info, signal } = options;
  const { HostCommandIdentifier } = command;
  const name = shown(command.CommandName ?? '');
  let deploymentId: string | undefined;
  let begun = false;
  let log: DeploymentLog | undefined;
  let outcome: { CommandStatus: 'Succeeded' | 'Failed'; payload: string };
  try {
    const spec = await fetchSpecification(options, command);
    const { deploymentId: id } = spec;
    deploymentId = id;
    if (!(await acknowledge(options, command, spec))) {
      await untrack(layout, id);
      return false;
    }
    begun = true;
    log = options.logs?.(spec);
    info(`${id}: ${name} begins.`);
    log?.line(`[codedeploy-agent]${name} begins.`);
    const started = (pid: number) => trackScript(layout, id, pid);
    await executeCommand({ ...options, said: log?.line, started }, name, spec);
    outcome = { CommandStatus: 'Succeeded', payload: succeeded() };
  } catch (error) {
    // What was not begun when the agent was told to end is offered again.
    if (signal.aborted && !begun && !(error instanceof CommandError)) return false;
    options.warn(`${subject(command, deploymentId)}: ${name} failed: ${(error as Error).message}`);
    if (error instanceof UntrustedSigner) options.warn(options.trust.remedy);
    log?.line(`[codedeploy-agent]${name} failed: ${(error as Error).message}`);
    outcome = { CommandStatus: 'Failed', payload: failed(error) };
  }
  const { CommandStatus, payload: Payload } = outcome;
  info(`${subject(command, deploymentId)}: ${name} ${CommandStatus}.`);
  log?.line(`[codedeploy-agent]${name} ${CommandStatus}.`);
  await report(options, {
    HostCommandIdentifier,
    CommandStatus,
    Diagnostics: { Format: 'JSON', Payload },
  });
  if (deploymentId !== undefined) await untrack(layout, deploymentId);
  await log?.sent();
  return CommandStatus === 'Succeeded';
}

/** What a server says before anybody knows whose it is, for a line of the log. */
const shown = (text: unknown): string =>
  String(text)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 100);

/** Which deployment it is about: what the server calls it where no specification says so that can be believed. */
function subject({ DeploymentExecutionId: id = '' }: HostCommand, deploymentId?: string): string {
  return deploymentId ?? (shown(id).replace(/^.*[:/]/, '') || 'a deployment');
}

/** The client tries until the server answers, but for an agent that is to end. */
async function report(
  { client, signal }: AgentOptions,
  input: PutHostCommandCompleteInput,
): Promise<void> {
  await tryAgain(() => client.putHostCommandComplete(input), {
    isPassing: (error) => signal.aborted && !(error instanceof CommandError),
    forMs: LAST_REPORT_MS,
  });
}

async function fetchSpecification(
  options: AgentOptions,
  command: HostCommand,
): Promise<Specification> {
  const { client, hostIdentifier, trust } = options;
  const { invocationId, ...answer } = await client.getDeploymentSpecification({
    DeploymentExecutionId: command.DeploymentExecutionId,
    HostIdentifier: hostIdentifier,
  });
  if (answer.DeploymentSystem !== 'CodeDeploy') {
    throw new Error(`Deployment System mismatch: CodeDeploy != ${answer.DeploymentSystem}`);
  }
  const anchors = await trust.anchors();
  const asked = { hostIdentifier, command, invocationId };
  return readSpecification(answer.DeploymentSpecification?.GenericEnvelope, anchors, asked);
}

/**
 * True when the server wants the command executed: it may be over already. It is noted before: for the server a command
 * that was acknowledged is in progress, and is not offered again to an agent that was killed meanwhile.
 */
async function acknowledge(
  options: AgentOptions,
  { CommandName: name = '', HostCommandIdentifier }: HostCommand,
  spec: Specification,
): Promise<boolean> {
  const noop = await isNoop(options, name, spec);
  await track(options.layout, spec.deploymentId, HostCommandIdentifier ?? '');
  const { CommandStatus: status } = await options.client.putHostCommandAcknowledgement({
    HostCommandIdentifier,
    Diagnostics: { Format: 'JSON', Payload: JSON.stringify({ IsCommandNoop: noop }) },
  });
  return status !== 'Succeeded' && status !== 'Failed';
}
