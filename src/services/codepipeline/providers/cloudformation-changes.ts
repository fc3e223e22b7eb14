import type { DescribeChangeSetCommandOutput, Stack } from '@aws-sdk/client-cloudformation';
import type { Outcome } from '../model/outcome.ts';
import { type Job, requiredSetting, setting } from './action-type.ts';
import { stackInput } from './cloudformation-input.ts';
import { type Begun, cloudformation, findStack } from './cloudformation-stack.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

/** A change set that would change nothing fails, which is no failure of the action. */
const NO_CHANGES = /didn't contain changes|No updates are to be performed/;

const named = (job: Job) => ({
  StackName: requiredSetting(job, 'StackName'),
  ChangeSetName: requiredSetting(job, 'ChangeSetName'),
});

/** Makes the change set, in place of one that has its name. */
export async function replaceChangeSet(job: Job): Promise<Outcome> {
  const { client, CreateChangeSetCommand, DeleteChangeSetCommand } = await cloudformation(job);
  const stack = await findStack(job, requiredSetting(job, 'StackName'));
  const earlier = stack && (await findChangeSet(job, named(job)));
  const description = `CodePipeline action execution ${job.run.actionExecutionId}`;
  if (earlier?.Description === description) return running(earlier.ChangeSetId);
  if (earlier)
    await explain(
      client.send(new DeleteChangeSetCommand(named(job))),
      callFailure('AmazonCloudFormation', 'deleteChangeSet'),
    );
  const { StackPolicyBody: _, ...input } = await stackInput(job);
  const isNew = !stack || stack.StackStatus === 'REVIEW_IN_PROGRESS';
  const request = new CreateChangeSetCommand({
    ...input,
    ...named(job),
    ChangeSetType: isNew ? 'CREATE' : 'UPDATE',
    ClientToken: job.run.actionExecutionId,
    Description: description,
  });
  const { Id } = await explain(
    client.send(request),
    callFailure('AmazonCloudFormation', 'createChangeSet'),
  );
  return running(Id);
}

const running = (id = ''): Outcome => ({
  state: 'running',
  progress: { externalExecutionId: id },
});

/** @returns the stack of a change set that has been made */
export async function lookAtChangeSet(job: Job): Promise<Outcome | { stack: Stack }> {
  const id = job.run.progress.externalExecutionId ?? '';
  const changes = await findChangeSet(job, { ChangeSetName: id });
  if (!changes) throw new ActionFailure('JobFailed', `Change set ${id} does not exist any more`);
  const { Status: status, StatusReason: reason = '', StackId = '' } = changes;
  const isEmpty = status === 'FAILED' && NO_CHANGES.test(reason);
  if (status === 'CREATE_COMPLETE' || isEmpty)
    return { stack: (await findStack(job, StackId)) ?? ({ StackId } as Stack) };
  if (status === 'CREATE_PENDING' || status === 'CREATE_IN_PROGRESS') return running(id);
  const message = `Change set ${setting(job, 'ChangeSetName')} has the status ${status}: ${reason}`;
  return { state: 'failed', code: 'JobFailed', message };
}

/** Carries the change set out; one without changes leaves the stack as it is. */
export async function executeChangeSet(job: Job): Promise<Begun> {
  const { client, ExecuteChangeSetCommand } = await cloudformation(job);
  const changes = await findChangeSet(job, named(job));
  const { StackName, ChangeSetName } = named(job);
  if (!changes)
    throw new ActionFailure(
      'ConfigurationError',
      `Change set ${ChangeSetName} of stack ${StackName} does not exist`,
    );
  const stack = { StackId: changes.StackId } as Stack;
  if (changes.Status === 'FAILED' && NO_CHANGES.test(changes.StatusReason ?? ''))
    return { stack: (await findStack(job, changes.StackId ?? StackName)) ?? stack };
  // Begun by this very action, before the server went down; no second change set is executed.
  if (job.again && /^EXECUTE_/.test(changes.ExecutionStatus ?? '')) return { stack, begun: true };
  const request = new ExecuteChangeSetCommand({
    ...{ StackName, ChangeSetName },
    ClientRequestToken: job.run.actionExecutionId,
  });
  await explain(client.send(request), callFailure('AmazonCloudFormation', 'executeChangeSet'));
  return { stack, begun: true };
}

async function findChangeSet(
  job: Job,
  name: { StackName?: string; ChangeSetName: string },
): Promise<DescribeChangeSetCommandOutput | undefined> {
  const { client, DescribeChangeSetCommand } = await cloudformation(job);
  const call = client.send(new DescribeChangeSetCommand(name)).catch((error) => {
    if (/ChangeSetNotFound/.test(error.name) || /does not exist/.test(error.message))
      return undefined;
    throw error;
  });
  return explain(call, callFailure('AmazonCloudFormation', 'describeChangeSet'));
}
