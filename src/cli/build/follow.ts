import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetBuildsCommand, type Build } from '@aws-sdk/client-codebuild';
import { printable, spanText } from '../../lib/printable.ts';
import type { Clients } from '../demo/resources.ts';
import { flakyTests, flakyText } from '../explain/flaky.ts';
import { buildLog } from '../pipeline/build-log.ts';
import type { Output } from '../pipeline/output.ts';
import type { Server } from '../server.ts';

/** Nothing polls faster. */
const LOOK_EVERY_MS = 1_000;

/** How a paused build says so in its log. */
const PAUSED = /^\[Container\] \S+ \S+ Paused at: /;

/** Shows what a build says while it says it, and how it ended. @param paused is waited for when it says that it is paused */
export async function followBuild(
  server: Server,
  { codebuild }: Clients,
  id: string,
  {
    json,
    output,
    paused,
  }: { json: boolean | undefined; output: Output; paused?: (() => Promise<void>) | undefined },
): Promise<Build> {
  const read = buildLog(server);
  const reading = {};
  const tell = (type: string, data: object, text: string) =>
    output.write(`${json ? JSON.stringify({ type, ...data }) : text}\n`);
  tell('build', { id, status: 'IN_PROGRESS' }, `build ${id}`);
  for (;;) {
    const { builds: [build] = [] } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    if (!build) throw new Error(`the build ${id} is gone`);
    let pauses = false;
    await read(id, reading, (line) => {
      pauses ||= PAUSED.test(line);
      tell('log', { line }, `    | ${printable(line)}`);
    });
    if (pauses && !build.buildComplete) await paused?.();
    if (!build.buildComplete) {
      await sleep(LOOK_EVERY_MS);
      continue;
    }
    const { buildStatus: status, startTime, endTime } = build;
    for (const { phase, code, message } of failures(build)) {
      const text = `  ${phase.phaseType} ${phase.phaseStatus} ${code}: ${printable(message)}`;
      const { phaseType: name, phaseStatus } = phase;
      tell('phase', { name, status: phaseStatus, code, message }, text);
    }
    for (const test of await flakyTests(codebuild, build).catch(() => []))
      tell('flaky', test, `  flaky ${printable(flakyText(test))}`);
    const ms = (endTime?.getTime() ?? 0) - (startTime?.getTime() ?? 0);
    tell('build', { id, status, durationMs: ms }, `build ${id} ${status} ${spanText(ms)}`);
    return build;
  }
}

/** Phases that did not succeed, with why. */
function failures({ phases = [] }: Build) {
  return phases.flatMap((phase) => {
    const { phaseStatus, contexts: [{ statusCode: code = '', message = '' } = {}] = [] } = phase;
    const failed = phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED';
    return failed ? [{ phase, code, message }] : [];
  });
}
