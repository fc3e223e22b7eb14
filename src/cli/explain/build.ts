import { BatchGetBuildsCommand, type Build, CodeBuildClient } from '@aws-sdk/client-codebuild';
import { streamTail } from '../pipeline/tail.ts';
import { clientConfig, type Server } from '../server.ts';
import type { Explainer } from './denials.ts';
import { flakyTests } from './flaky.ts';
import type { Failure, Report } from './report.ts';

/** @returns undefined where there is no such build */
export async function explainBuild(
  server: Server,
  explainer: Explainer,
  id: string,
): Promise<Report | undefined> {
  const client = new CodeBuildClient(clientConfig(server));
  const { builds: [build] = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
  if (!build) return undefined;
  const { startTime, endTime, initiator = 'not known' } = build;
  const pipeline = /^codepipeline\/(.+)$/.exec(initiator)?.[1];
  return {
    ...{ kind: 'build', id, of: build.projectName ?? '', status: build.buildStatus ?? '' },
    ...(startTime && endTime && { ms: endTime.getTime() - startTime.getTime() }),
    why: pipeline
      ? `the pipeline ${pipeline} started it: slipway explain ${pipeline} has the rest`
      : `${initiator} started it`,
    sources: [build.source?.location, build.resolvedSourceVersion].flatMap((text) => text ?? []),
    waited: waitedOf(build),
    waits: build.currentPhase === 'QUEUED' ? ['a slot: as many builds run as may at once'] : [],
    failures: await failuresOf(server, explainer, build),
    // Who may see a build may not see its reports.
    flaky: await flakyTests(client, build).catch(() => []),
  };
}

/** In seconds: shorter ones are the way into a slot that is free. */
const SHORTEST_WAIT_S = 2;

const waitedOf = ({ phases = [] }: Build): string[] =>
  phases
    .filter(
      ({ phaseType, durationInSeconds = 0 }) =>
        phaseType === 'QUEUED' && durationInSeconds >= SHORTEST_WAIT_S,
    )
    .map(
      ({ durationInSeconds }) =>
        `${durationInSeconds} s for a slot among the builds that run at once`,
    );

async function failuresOf(
  server: Server,
  { denials }: Explainer,
  build: Build,
): Promise<Failure[]> {
  const failed = (build.phases ?? []).filter(
    ({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED',
  );
  const { startTime: from, endTime: to, serviceRole, id = '', logs } = build;
  const session = `AWSCodeBuild-${id.split(':')[1]}`;
  const windows = from && to ? [{ userName: session, from, to }] : [];
  const log = logs?.cloudWatchLogsArn
    ? await streamTail(server, logs.cloudWatchLogsArn).catch(() => [])
    : [];
  return Promise.all(
    failed.map(async ({ phaseType, phaseStatus, contexts = [] }, index): Promise<Failure> => {
      const said = contexts.map(({ statusCode, message }) =>
        [statusCode, message].filter(Boolean).join(': '),
      );
      const message = said.filter(Boolean).join('; ') || `ended ${phaseStatus}`;
      return {
        ...{ what: `phase ${phaseType}`, message, missing: [] },
        denials: await denials(message, index === 0 ? windows : [], [serviceRole]),
        log: index === failed.length - 1 ? log : [],
      };
    }),
  );
}
