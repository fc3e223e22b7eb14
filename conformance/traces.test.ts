import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListPipelineExecutionsCommand } from '@aws-sdk/client-codepipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CollectedSpan, type Collector, startCollector } from './collector.ts';
import { eventually } from './eventually.ts';
import { type Journey, startJourney } from './journey.ts';
import { finished } from './outcome.ts';
import { startServer, type TestServer } from './server.ts';

const SLOW = { timeout: 240_000 };

/** The tree below a span, as text: a line each, children further in. */
function drawn(spans: CollectedSpan[], parent?: string, indent = ''): string[] {
  return spans
    .filter(({ parentSpanId }) => parentSpanId === parent)
    .sort((a, b) => placeOf(a) - placeOf(b))
    .flatMap(({ name, spanId }) => [`${indent}${name}`, ...drawn(spans, spanId, `${indent}  `)]);
}

/** Hosts begin in any order. */
const placeOf = ({ name, startTimeUnixNano }: CollectedSpan) =>
  Number(/^host-(\d)$/.exec(name)?.[1] ?? Number(startTimeUnixNano) / 1e6);

const begins = ({ startTimeUnixNano }: CollectedSpan) => BigInt(startTimeUnixNano);
const ends = ({ endTimeUnixNano }: CollectedSpan) => BigInt(endTimeUnixNano);

const HOOKS = ['ApplicationStop', 'DownloadBundle', 'BeforeInstall', 'Install', 'AfterInstall'];
const PHASES = ['SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE', 'INSTALL', 'PRE_BUILD'];
const host = (name: string) => [
  `      ${name}`,
  ...[...HOOKS, 'ApplicationStart', 'ValidateService'].map((event) => `        ${event}`),
];
/** The picture in docs/traces.md. */
const TREE = [
  'RUN web-app',
  ...['  Source', '    Commit', '  Build', '    TestAndPack'],
  ...[...PHASES, 'BUILD', 'POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING'].map(
    (phase) => `      ${phase}`,
  ),
  ...['  Approval', '    Release', '  Deploy', '    Instances'],
  ...[...host('host-1'), ...host('host-2')],
];

describe('traces of executions', () => {
  let server: TestServer;
  let collector: Collector;
  let journey: Journey;
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'slipway-traces-'));
    collector = await startCollector();
    server = await startServer({
      env: {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_SERVICE_NAME: 'ci',
      },
    });
    journey = await startJourney(server, directory);
  }, SLOW.timeout);
  afterAll(async () => {
    await journey?.stop();
    await server?.stop();
    collector?.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const executions = async () => {
    const command = new ListPipelineExecutionsCommand({ pipelineName: 'web-app' });
    return (await journey.clients.codepipeline.send(command)).pipelineExecutionSummaries ?? [];
  };
  const root = (nth: number) =>
    eventually('the trace', async () => {
      const roots = collector.spans.filter(({ parentSpanId }) => parentSpanId === undefined);
      return roots[nth - 1];
    });
  const spansOf = ({ traceId }: CollectedSpan) =>
    collector.spans.filter((span) => span.traceId === traceId);

  it('have execution, stages, actions, build phases and lifecycle events', SLOW, async () => {
    await finished(journey, 1);
    const execution = await root(1);
    const spans = spansOf(execution);
    expect(drawn(spans)).toEqual(TREE);
    const [summary] = await executions();
    const { pipelineExecutionId: id = '', startTime, lastUpdateTime } = summary ?? {};
    const time = (date: Date | undefined) => `${date?.getTime()}000000`;
    expect(execution).toMatchObject({
      ...{ kind: 2, status: {} },
      startTimeUnixNano: time(startTime),
      endTimeUnixNano: time(lastUpdateTime),
      attributes: {
        'cicd.pipeline.name': 'web-app',
        'cicd.pipeline.run.id': id,
        'cicd.pipeline.result': 'success',
        'aws.codepipeline.execution.trigger': 'CreatePipeline',
      },
      resource: {
        'service.name': 'ci',
        'cloud.account.id': server.accountId,
        'cicd.pipeline.run.id': id,
        'cicd.pipeline.run.url.full': expect.stringContaining(server.endpoint),
      },
    });
    const named = (name: string) => spans.find((span) => span.name === name);
    expect(named('TestAndPack')?.attributes).toMatchObject({
      'cicd.pipeline.task.name': 'TestAndPack',
      'cicd.pipeline.task.run.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'cicd.pipeline.task.run.result': 'success',
      'cicd.pipeline.task.run.url.full': expect.stringContaining(`${server.endpoint}/`),
      'cicd.pipeline.task.type': 'build',
    });
    expect(named('BUILD')?.attributes['aws.codebuild.build.arn']).toMatch(/:build\//);
    expect(named('host-1')?.attributes['aws.codedeploy.deployment.id']).toMatch(/^d-/);
    for (const span of spans) {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId) ?? span;
      expect([span.name, begins(parent) <= begins(span)]).toEqual([span.name, true]);
      expect([span.name, ends(span) <= ends(parent)]).toEqual([span.name, true]);
    }
    expect(collector.requests).toMatchObject([
      { path: '/v1/traces', headers: { 'api-key': 'a b', 'content-type': 'application/json' } },
    ]);
  });

  it('are sent by the next server where the one that was killed could not', SLOW, async () => {
    collector.status = 503;
    await journey.push('Second');
    await finished(journey, 2);
    const refused = await eventually('a try', async () => collector.refused[0]);
    await server.kill();
    collector.status = 200;
    await server.restart();
    const execution = await root(2);
    expect(execution.traceId).toBe(refused);
    const spans = spansOf(execution);
    expect(drawn(spans)).toEqual(TREE);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    // The first one was told once.
    expect(collector.spans).toHaveLength(2 * TREE.length);
  });
});
