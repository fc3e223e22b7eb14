import { describe, expect, it } from 'vitest';
import type { Job } from './action-type.ts';
import { codeDeploy } from './codedeploy.ts';
import { deploymentDescription } from './codedeploy-deployment.ts';

const signal = new AbortController().signal;

/** A CodeDeploy and an S3 that answer by command name and note what they were asked. */
function servers(answers: Record<string, (input: Record<string, unknown>) => unknown>) {
  const asked: { name: string; input: Record<string, unknown> }[] = [];
  const client = {
    async send(command: { constructor: { name: string }; input: Record<string, unknown> }) {
      const name = command.constructor.name.replace('Command', '');
      asked.push({ name, input: command.input });
      const answer = answers[name];
      if (!answer) throw Object.assign(new Error(name), { name: 'AccessDeniedException' });
      return answer(command.input);
    },
  };
  return { asked, client: () => client };
}

function job(client: unknown, more: Partial<Job> & { tries?: number } = {}): Job {
  const { tries, ...rest } = more;
  return {
    type: codeDeploy,
    pipeline: { name: 'web', declaration: { roleArn: 'R' } },
    run: {
      actionExecutionId: 'id-1',
      actionName: 'Deploy',
      startTime: 5000,
      progress: { externalExecutionId: 'd-1', tries },
      input: {
        resolvedConfiguration: { ApplicationName: 'app', DeploymentGroupName: 'group' },
        inputArtifacts: [{ name: 'App', bucket: 'b', key: 'k' }],
      },
    },
    again: false,
    client,
    ...rest,
  } as unknown as Job;
}

const works = {
  HeadObject: () => ({ ETag: '"e"', VersionId: 'v' }),
  CreateDeployment: () => ({ deploymentId: 'd-1' }),
};

describe('CodeDeploy action', () => {
  it('CP-B11: deploys the version of the artifact that it was given', async () => {
    const { asked, client } = servers(works);
    expect(await codeDeploy.start(job(client), signal)).toEqual({
      state: 'running',
      progress: { externalExecutionId: 'd-1' },
    });
    expect(asked.at(-1)?.input).toMatchObject({
      applicationName: 'app',
      deploymentGroupName: 'group',
      description: deploymentDescription('web', 'id-1'),
      revision: {
        revisionType: 'S3',
        s3Location: { bucket: 'b', key: 'k', bundleType: 'zip', eTag: 'e', version: 'v' },
      },
    });
  });

  it('after a crash finds the deployment that it created before', async () => {
    const descriptions: Record<string, string> = {
      'd-2': 'another',
      'd-3': deploymentDescription('web', 'id-1'),
    };
    const { asked, client } = servers({
      ...works,
      ListDeployments: ({ nextToken }) =>
        nextToken ? { deployments: ['d-3'] } : { deployments: ['d-2'], nextToken: 'more' },
      GetDeployment: ({ deploymentId }) => ({
        deploymentInfo: { description: descriptions[String(deploymentId)] },
      }),
    });
    expect(await codeDeploy.start(job(client, { again: true }), signal)).toMatchObject({
      progress: { externalExecutionId: 'd-3' },
    });
    expect(asked.map((a) => a.name)).not.toContain('CreateDeployment');
  });

  it('after a crash waits for its event when the role may not list deployments, then creates one', async () => {
    const { client } = servers(works);
    await expect(codeDeploy.start(job(client, { again: true, tries: 2 }), signal)).rejects.toThrow(
      'may have been created',
    );
    expect(await codeDeploy.start(job(client, { again: true, tries: 3 }), signal)).toMatchObject({
      progress: { externalExecutionId: 'd-1' },
    });
  });

  it('knows its own deployment by the description', async () => {
    const [started] = codeDeploy.hears ?? [];
    const of = (description: string) =>
      started?.isOf?.(
        job(servers({ GetDeployment: () => ({ deploymentInfo: { description } }) }).client),
        'd-9',
      );
    expect(await of(deploymentDescription('web', 'id-1'))).toBe(true);
    expect(await of(deploymentDescription('web', 'id-2'))).toBe(false);
  });

  it.each([
    ['Succeeded', { state: 'succeeded', progress: { summary: 'Deployment Succeeded' } }],
    ['InProgress', { state: 'running' }],
    ['Failed', { state: 'failed', code: 'JobFailed', message: 'Deployment d-1 failed: too many' }],
    ['Stopped', { state: 'failed', progress: { summary: 'Deployment d-1 failed' } }],
  ])('CP-C38: a deployment that is %s', async (status, outcome) => {
    const errorInformation = { message: 'too many' };
    const { client } = servers({
      GetDeployment: () => ({ deploymentInfo: { status, errorInformation } }),
    });
    expect(await codeDeploy.look?.(job(client), signal)).toMatchObject(outcome);
  });
});
