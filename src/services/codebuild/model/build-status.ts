import type { Build, BuildStatusConfig } from '@aws-sdk/client-codebuild';
import type { CommitStatus, StatusState } from '../../../kit/forges/statuses.ts';
import { ownValue } from '../../../lib/own.ts';
import type { BuildInputs } from './build-record.ts';
import { buildVariables } from './environment.ts';

const COMMIT_ID = /^[0-9a-f]{40}$/;
const MOST_TEXT = 1000;

const STATES: Record<string, { state: StatusState; word: string }> = {
  IN_PROGRESS: { state: 'pending', word: 'started' },
  SUCCEEDED: { state: 'success', word: 'succeeded' },
  FAILED: { state: 'failure', word: 'failed' },
  STOPPED: { state: 'error', word: 'stopped' },
  TIMED_OUT: { state: 'error', word: 'timed out' },
  FAULT: { state: 'error', word: 'failed' },
};

/** What the forge of a build is told of it (CB-C7); undefined as long as its commit is not known. */
export function statusOf(
  build: Build,
  inputs: BuildInputs,
  { region, buildUrl }: { region: string; buildUrl: string },
): CommitStatus | undefined {
  const commit = [build.resolvedSourceVersion, inputs.webhook?.commit, inputs.sourceVersion].find(
    (one) => COMMIT_ID.test(one ?? ''),
  );
  const said = ownValue(STATES, build.buildStatus ?? '');
  if (!commit || !said) return undefined;
  const project = build.projectName ?? '';
  // Builds of a batch that are told one by one are apart.
  const identifier = inputs.batch ? [inputs.batch.identifier] : [];
  const { context, targetUrl } = expanded(inputs.source.buildStatusConfig, build, inputs, buildUrl);
  return {
    ...{ commit, state: said.state },
    context: context || `AWS CodeBuild ${region} (${[project, ...identifier].join(':')})`,
    description: `Build ${said.word} for project ${project}`,
    targetUrl: targetUrl || buildUrl,
  };
}

/** With the build's variables in it, of which none is a secret. */
function expanded(
  { context = '', targetUrl = '' }: BuildStatusConfig = {},
  build: Build,
  inputs: BuildInputs,
  buildUrl: string,
): { context: string; targetUrl: string } {
  const plain = inputs.environmentVariables.filter(
    ({ type }) => (type ?? 'PLAINTEXT') === 'PLAINTEXT',
  );
  const values: Record<string, string> = {
    ...Object.fromEntries(plain.map(({ name = '', value = '' }) => [name, value])),
    ...buildVariables(build, inputs, [], buildUrl),
  };
  const expand = (text: string) =>
    text
      .replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced?: string, bare?: string) => {
        return ownValue(values, braced ?? bare ?? '') ?? '';
      })
      .slice(0, MOST_TEXT);
  return { context: expand(context), targetUrl: expand(targetUrl) };
}
