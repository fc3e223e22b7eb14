import type { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import { defineActionType, type Job, onlyInput, requiredSetting } from './action-type.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

const SERVICE = 'AWSElasticBeanstalk';

/** The input artifact as a version of an application, which its environment gets (CP-B19). */
export const elasticBeanstalk = defineActionType({
  categories: ['Deploy'],
  provider: 'ElasticBeanstalk',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'ApplicationName', required: true, key: true, description: 'The application.' },
    { name: 'EnvironmentName', required: true, key: true, description: 'The environment.' },
  ],
  links: {
    entity: {
      console: 'elasticbeanstalk',
      fragment: '/environment/dashboard?environmentId={Config:EnvironmentName}',
    },
  },
  polls: true,

  async start(job) {
    const aws = await beanstalk(job);
    const ApplicationName = requiredSetting(job, 'ApplicationName');
    const EnvironmentName = requiredSetting(job, 'EnvironmentName');
    const { bucket: S3Bucket, key: S3Key } = onlyInput(job);
    const VersionLabel = versionLabel(job);
    const version = { ApplicationName, VersionLabel, SourceBundle: { S3Bucket, S3Key } };
    const made = aws.client
      .send(new aws.CreateApplicationVersionCommand(version))
      .catch((error) => {
        // By this action, before the server went down: nobody else has its label.
        if (!/already exists/i.test(error.message)) throw error;
      });
    await explain(made, callFailure(SERVICE, 'createApplicationVersion'));
    const update = { ApplicationName, EnvironmentName, VersionLabel };
    const updated = aws.client
      .send(new aws.UpdateEnvironmentCommand(update))
      .catch(async (error) => {
        // As above: what is being deployed is this action's own.
        if (!/must be ready/i.test(error.message)) throw error;
        const asked = { ApplicationName, EnvironmentNames: [EnvironmentName] };
        const { Environments = [] } = await aws.client.send(
          new aws.DescribeEnvironmentsCommand(asked),
        );
        if (Environments[0]?.VersionLabel !== VersionLabel) throw error;
      });
    await explain(updated, callFailure(SERVICE, 'updateEnvironment'));
    return { state: 'running', progress: { externalExecutionId: VersionLabel } };
  },

  async look(job) {
    const aws = await beanstalk(job);
    const EnvironmentName = requiredSetting(job, 'EnvironmentName');
    const ApplicationName = requiredSetting(job, 'ApplicationName');
    const asked = { ApplicationName, EnvironmentNames: [EnvironmentName], IncludeDeleted: false };
    const { Environments = [] } = await explain(
      aws.client.send(new aws.DescribeEnvironmentsCommand(asked)),
      callFailure(SERVICE, 'describeEnvironments'),
    );
    const [environment] = Environments;
    if (!environment)
      throw new ActionFailure(
        'JobFailed',
        `Environment ${EnvironmentName} does not exist any more`,
      );
    const { Status, VersionLabel } = environment;
    if (Status === 'Updating' || Status === 'Launching') return { state: 'running', progress: {} };
    if (Status === 'Ready' && VersionLabel === versionLabel(job))
      return { state: 'succeeded', progress: { summary: 'Deployment completed' } };
    const message = `Environment ${EnvironmentName} is ${Status} with the version ${VersionLabel}, not ${versionLabel(job)}`;
    return { state: 'failed', code: 'JobFailed', message };
  },
});

async function beanstalk(job: Job) {
  const package_ = await import('@aws-sdk/client-elastic-beanstalk');
  const client: ElasticBeanstalkClient = job.client(package_.ElasticBeanstalkClient);
  return { ...package_, client };
}

function versionLabel({ run }: Job): string {
  return `code-pipeline-${run.startTime}-${run.actionExecutionId}`;
}
