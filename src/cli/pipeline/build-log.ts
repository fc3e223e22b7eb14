import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { clientConfig, type Server } from '../server.ts';

interface Stream {
  logGroupName: string;
  logStreamName: string;
}

/** A log that is being read. */
export interface Reading {
  stream?: Stream;
  token?: string | undefined;
}

/** Each call writes what a build has said since the one before. */
export function buildLog(server: Server) {
  const logs = new CloudWatchLogsClient(clientConfig(server));
  const builds = new CodeBuildClient(clientConfig(server));
  return async (
    id: string | undefined,
    reading: Reading,
    write: (line: string) => void,
  ): Promise<void> => {
    const stream = reading.stream ?? (await streamOf(builds, id));
    if (!stream) return;
    reading.stream = stream;
    for (;;) {
      const page = await pageOf(logs, stream, reading.token);
      for (const { message = '' } of page.events) write(message.trimEnd());
      // The same token again: nothing more for now.
      if (page.token === undefined || page.token === reading.token) return;
      reading.token = page.token;
    }
  };
}

async function streamOf(
  builds: CodeBuildClient,
  id: string | undefined,
): Promise<Stream | undefined> {
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
