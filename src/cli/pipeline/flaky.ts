import { BatchGetBuildsCommand, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { type FlakyTest, flakyTests } from '../explain/flaky.ts';
import { clientConfig, type Server } from '../server.ts';
import type { Flaky } from './text.ts';
import type { ExecutionView } from './view.ts';

/** Looks once for the flaky tests of each build that has ended, whichever way. */
export function flakyReader(server: Server) {
  const found = new Map<string, FlakyTest[]>();
  return async (view: ExecutionView): Promise<Flaky> => {
    for (const { provider, status, externalExecutionId, actionExecutionId } of view.stages.flatMap(
      ({ actions }) => actions,
    )) {
      const ended = status === 'Succeeded' || status === 'Failed';
      if (provider !== 'CodeBuild' || !ended || !externalExecutionId || !actionExecutionId)
        continue;
      // Who may see an execution may not see its builds' reports.
      if (!found.has(actionExecutionId))
        found.set(actionExecutionId, await flakyOf(server, externalExecutionId).catch(() => []));
    }
    return found;
  };
}

async function flakyOf(server: Server, id: string): Promise<FlakyTest[]> {
  const client = new CodeBuildClient(clientConfig(server));
  try {
    const { builds: [build] = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
    return build ? await flakyTests(client, build) : [];
  } finally {
    client.destroy();
  }
}
