import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { printable } from '../../lib/printable.ts';
import { clientConfig, type Server } from '../server.ts';
import type { Output } from './output.ts';
import { tailOf } from './tail.ts';
import type { ActionView, ExecutionView } from './view.ts';

interface Stream {
  logGroupName: string;
  logStreamName: string;
}

/** A log that is being read. */
interface Reading {
  stream?: Stream;
  token?: string | undefined;
  /** Its action had ended before it was read the last time. */
  complete?: boolean;
}

/** Each call writes what the builds of an execution have said since the one before, and why a deployment failed. */
export function liveLog(server: Server, output: Output, json: boolean | undefined) {
  const logs = new CloudWatchLogsClient(clientConfig(server));
  const builds = new CodeBuildClient(clientConfig(server));
  const readings = new Map<string, Reading>();
  const write = ({ stage, name }: ActionView, line: string) =>
    output.write(
      json
        ? `${JSON.stringify({ type: 'log', stage, action: name, line })}\n`
        : `    | ${printable(line)}\n`,
    );
  return async ({ stages }: ExecutionView): Promise<void> => {
    for (const action of stages.flatMap((stage) => stage.actions)) {
      const id = action.actionExecutionId;
      const reading = (id && readings.get(id)) || {};
      if (!id || reading.complete) continue;
      readings.set(id, reading);
      const ended = action.status !== 'InProgress';
      if (action.provider === 'CodeBuild') await readBuild(action, reading);
      else if (action.status === 'Failed')
        for (const line of await tailOf(server, action).catch(() => [])) write(action, line);
      reading.complete = ended;
    }
  };

  async function readBuild(action: ActionView, reading: Reading): Promise<void> {
    reading.stream ??= await streamOf(builds, action);
    if (!reading.stream) return;
    for (;;) {
      const page = await pageOf(logs, reading.stream, reading.token);
      for (const { message = '' } of page.events) write(action, message.trimEnd());
      // The same token again: nothing more for now.
      if (page.token === undefined || page.token === reading.token) return;
      reading.token = page.token;
    }
  }
}

async function streamOf(builds: CodeBuildClient, action: ActionView): Promise<Stream | undefined> {
  const { externalExecutionId: id } = action;
  if (id === undefined) return undefined;
  const { builds: [build] = [] } = await builds.send(new BatchGetBuildsCommand({ ids: [id] }));
  const { groupName: logGroupName, streamName: logStreamName } = build?.logs ?? {};
  return logGroupName && logStreamName ? { logGroupName, logStreamName } : undefined;
}

async function pageOf(logs: CloudWatchLogsClient, stream: Stream, nextToken: string | undefined) {
  try {
    const page = await logs.send(
      new GetLogEventsCommand({ ...stream, nextToken, startFromHead: true }),
    );
    return { events: page.events ?? [], token: page.nextForwardToken };
  } catch (error) {
    // The build has a name for its log before it has said anything.
    if (error instanceof ResourceNotFoundException) return { events: [], token: undefined };
    throw error;
  }
}
