import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';
import type { Job } from './action-type.ts';
import { callFailure, explain } from './failure.ts';

/** What has come of a call: a stack that is being worked on, or one where nothing was to do. */
export interface Begun {
  stack: Stack;
  begun?: boolean;
}

/** The client, which is loaded when an action first needs it. */
export async function cloudformation(job: Job) {
  const package_ = await import('@aws-sdk/client-cloudformation');
  const client: CloudFormationClient = job.client(package_.CloudFormationClient);
  return { ...package_, client };
}

/** By name or id; undefined where there is none. */
export async function findStack(job: Job, StackName: string): Promise<Stack | undefined> {
  const { client, DescribeStacksCommand } = await cloudformation(job);
  const call = client.send(new DescribeStacksCommand({ StackName })).catch((error) => {
    if (/does not exist/.test(error.message)) return { Stacks: [] };
    throw error;
  });
  const { Stacks = [] } = await explain(
    call,
    callFailure('AmazonCloudFormation', 'describeStacks'),
  );
  return Stacks[0];
}

/** Was what goes on with the stack begun by this action, before the server went down? Its token stands in the events. */
export async function isOurs(job: Job, { StackId: StackName }: Stack): Promise<boolean> {
  const { client, DescribeStackEventsCommand } = await cloudformation(job);
  const { StackEvents = [] } = await explain(
    client.send(new DescribeStackEventsCommand({ StackName })),
    callFailure('AmazonCloudFormation', 'describeStackEvents'),
  );
  return StackEvents.some((event) => event.ClientRequestToken === job.run.actionExecutionId);
}
