import { extname } from 'node:path';
import type { AppConfigClient } from '@aws-sdk/client-appconfig';
import { ownValue } from '../../../lib/own.ts';
import { defineActionType, type Job, onlyInput, requiredSetting } from './action-type.ts';
import { artifactText } from './artifact-files.ts';
import { callFailure, explain } from './failure.ts';

const SERVICE = 'AmazonAppConfig';
const TYPES: Record<string, string> = {
  '.json': 'application/json',
  '.yaml': 'application/x-yaml',
  '.yml': 'application/x-yaml',
};

/** A file of the input artifact as a hosted configuration version, and its deployment (CP-B21). */
export const appConfig = defineActionType({
  categories: ['Deploy'],
  provider: 'AppConfig',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'Application', required: true, key: true, description: "The application's id." },
    { name: 'Environment', required: true, key: true, description: "The environment's id." },
    {
      ...{ name: 'ConfigurationProfile', required: true, key: true },
      description: "The configuration profile's id.",
    },
    {
      ...{ name: 'InputArtifactConfigurationPath', required: true },
      description: 'The file of the input artifact with the configuration.',
    },
    {
      ...{ name: 'DeploymentStrategy', default: 'AppConfig.AllAtOnce' },
      description: 'The deployment strategy.',
    },
  ],
  links: {
    entity: {
      console: 'systems-manager/appconfig',
      fragment: '/applications/{Config:Application}',
    },
  },
  marksStart: true,
  polls: true,

  async start(job) {
    const earlier = job.again ? await findEarlier(job) : undefined;
    const number = earlier ?? (await deploy(job));
    return { state: 'running', progress: { externalExecutionId: String(number) } };
  },

  async look(job) {
    const number = Number(job.run.progress.externalExecutionId);
    const { State: state = '', EventLog = [] } = await deploymentOf(job, number);
    if (state === 'COMPLETE')
      return { state: 'succeeded', progress: { summary: `Deployment ${number} completed` } };
    if (['DEPLOYING', 'BAKING', 'VALIDATING'].includes(state))
      return { state: 'running', progress: {} };
    const reason = EventLog[0]?.Description;
    const message = `Deployment ${number} has the state ${state}${reason ? `: ${reason}` : ''}`;
    return { state: 'failed', code: 'JobFailed', message };
  },
});

async function appconfig(job: Job) {
  const package_ = await import('@aws-sdk/client-appconfig');
  const client: AppConfigClient = job.client(package_.AppConfigClient);
  return { ...package_, client };
}

const place = (job: Job) => ({
  ApplicationId: requiredSetting(job, 'Application'),
  EnvironmentId: requiredSetting(job, 'Environment'),
});
/** What tells an action's deployment from others. */
const description = ({ run }: Job) => `CodePipeline action execution ${run.actionExecutionId}`;

async function deploy(job: Job): Promise<number | undefined> {
  const aws = await appconfig(job);
  const path = requiredSetting(job, 'InputArtifactConfigurationPath');
  const content = await artifactText(job, onlyInput(job), path);
  const { ApplicationId, EnvironmentId } = place(job);
  const ConfigurationProfileId = requiredSetting(job, 'ConfigurationProfile');
  const { VersionNumber } = await explain(
    aws.client.send(
      new aws.CreateHostedConfigurationVersionCommand({
        ...{ ApplicationId, ConfigurationProfileId, Description: description(job) },
        Content: Buffer.from(content),
        ContentType: ownValue(TYPES, extname(path)) ?? 'text/plain',
      }),
    ),
    callFailure(SERVICE, 'createHostedConfigurationVersion'),
  );
  const { DeploymentNumber } = await explain(
    aws.client.send(
      new aws.StartDeploymentCommand({
        ...{ ApplicationId, EnvironmentId, ConfigurationProfileId, Description: description(job) },
        ConfigurationVersion: String(VersionNumber),
        DeploymentStrategyId: requiredSetting(job, 'DeploymentStrategy'),
      }),
    ),
    callFailure(SERVICE, 'startDeployment'),
  );
  return DeploymentNumber;
}

async function deploymentOf(job: Job, DeploymentNumber: number) {
  const aws = await appconfig(job);
  return explain(
    aws.client.send(new aws.GetDeploymentCommand({ ...place(job), DeploymentNumber })),
    callFailure(SERVICE, 'getDeployment'),
  );
}

/** The deployment that this action began before the server went down: an environment has one at a time. */
async function findEarlier(job: Job): Promise<number | undefined> {
  const aws = await appconfig(job);
  const { Items = [] } = await explain(
    aws.client.send(new aws.ListDeploymentsCommand({ ...place(job), MaxResults: 1 })),
    callFailure(SERVICE, 'listDeployments'),
  );
  const [latest] = Items;
  if (latest?.DeploymentNumber === undefined) return undefined;
  const { Description } = await deploymentOf(job, latest.DeploymentNumber);
  return Description === description(job) ? latest.DeploymentNumber : undefined;
}
