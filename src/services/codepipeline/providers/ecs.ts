import type {
  Deployment,
  ECSClient,
  RegisterTaskDefinitionCommandInput,
  Service,
  TaskDefinition,
} from '@aws-sdk/client-ecs';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyInput, requiredSetting } from './action-type.ts';
import { artifactText } from './artifact-files.ts';
import { checkKey, jsonTexts, wholeNumber } from './configuration.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

/** CP-A23 */
const MOST_DEFINITIONS_BYTES = 100 * 1024;
const MOST_MINUTES = 60;
/** Whom a task definition hands its roles to. */
export const TASKS_PRINCIPAL = 'ecs-tasks.amazonaws.com';

/** New images for a service: a revision of its task definition, and the deployment of that (CP-B13). */
export const ecs = defineActionType({
  categories: ['Deploy'],
  provider: 'ECS',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: MOST_MINUTES,
  timeoutKey: 'DeploymentTimeout',
  configuration: [
    { name: 'ClusterName', required: true, key: true, description: 'The cluster.' },
    { name: 'ServiceName', required: true, key: true, description: 'The service.' },
    {
      ...{ name: 'FileName', default: 'imagedefinitions.json' },
      description: 'The file with images by containers (default imagedefinitions.json).',
    },
    {
      ...{ name: 'DeploymentTimeout', type: 'Number' },
      description: 'Minutes that the deployment may take.',
    },
  ],
  rules: (action) => checkKey(action, 'DeploymentTimeout', wholeNumber(1, MOST_MINUTES)),
  links: {
    entity: {
      console: 'ecs',
      fragment: '/clusters/{Config:ClusterName}/services/{Config:ServiceName}/details',
    },
    execution: {
      console: 'ecs',
      fragment: '/clusters/{Config:ClusterName}/services/{Config:ServiceName}/deployments',
    },
  },
  marksStart: true,
  polls: true,

  async start(job) {
    const images = await imageDefinitions(job);
    const service = await findService(job);
    const definition = await taskDefinition(job, service.taskDefinition ?? '');
    const primary = service.deployments?.find(({ status }) => status === 'PRIMARY');
    if (job.again && primary && isOurs(job, primary, definition, images)) return running(primary);
    const arn = await registerTaskDefinition(job, withImages(definition, images));
    return running(await updateService(job, arn));
  },

  async look(job) {
    const id = job.run.progress.externalExecutionId;
    const { deployments = [], events = [] } = await findService(job);
    const own = deployments.find((deployment) => deployment.id === id);
    if (own?.status !== 'PRIMARY')
      return failed(`Deployment ${id} was replaced by another before it was stable`);
    const { rolloutState, rolloutStateReason, runningCount, desiredCount } = own;
    if (rolloutState === 'FAILED') return failed(rolloutStateReason ?? events[0]?.message ?? id);
    const isStable = deployments.length === 1 && runningCount === desiredCount;
    // Services with other deployment controllers have no rollout state.
    if (rolloutState === 'COMPLETED' || (rolloutState === undefined && isStable))
      return { state: 'succeeded', progress: { summary: 'Deployment completed' } };
    return { state: 'running', progress: {} };
  },
});

const running = ({ id = '' }: Deployment): Outcome => ({
  state: 'running',
  progress: { externalExecutionId: id },
});
const failed = (message = ''): Outcome => ({ state: 'failed', code: 'JobFailed', message });

async function client(job: Job) {
  const package_ = await import('@aws-sdk/client-ecs');
  const client: ECSClient = job.client(package_.ECSClient);
  return { ...package_, client };
}

/** Images by container. */
type Images = Map<string, string>;

async function imageDefinitions(job: Job): Promise<Images> {
  const file = requiredSetting(job, 'FileName');
  const text = await artifactText(job, onlyInput(job), file);
  if (Buffer.byteLength(text) > MOST_DEFINITIONS_BYTES)
    throw invalid(`${file} is larger than ${MOST_DEFINITIONS_BYTES} bytes`);
  try {
    const entries = jsonTexts(['name', 'imageUri'])(text);
    return new Map(entries.map(({ name, imageUri }) => [name ?? '', imageUri ?? '']));
  } catch (error) {
    throw invalid(`${file}: ${(error as Error).message}`);
  }
}

const invalid = (reason: string) =>
  new ActionFailure('ConfigurationError', `Invalid action configuration: ${reason}`);

async function findService(job: Job): Promise<Service> {
  const { client: ecs, DescribeServicesCommand } = await client(job);
  const cluster = requiredSetting(job, 'ClusterName');
  const name = requiredSetting(job, 'ServiceName');
  const { services = [] } = await explain(
    ecs.send(new DescribeServicesCommand({ cluster, services: [name] })),
    callFailure('AmazonECS', 'describeServices'),
  );
  const service = services.find(({ status }) => status !== 'INACTIVE');
  if (service) return service;
  throw invalid(`The Amazon ECS service '${name}' does not exist`);
}

async function taskDefinition(job: Job, name: string): Promise<TaskDefinition> {
  const { client: ecs, DescribeTaskDefinitionCommand } = await client(job);
  const { taskDefinition = {} } = await explain(
    ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: name })),
    callFailure('AmazonECS', 'describeTaskDefinition'),
  );
  return taskDefinition;
}

/** Deployed since the action began, with its images: what the action did before the server went down. */
function isOurs(
  job: Job,
  { createdAt }: Deployment,
  { containerDefinitions = [] }: TaskDefinition,
  images: Images,
): boolean {
  const has = ([name, image]: [string, string]) =>
    containerDefinitions.some((container) => container.name === name && container.image === image);
  return (createdAt?.getTime() ?? 0) >= job.run.startTime && [...images].every(has);
}

function withImages(definition: TaskDefinition, images: Images): TaskDefinition {
  const { containerDefinitions = [] } = definition;
  for (const name of images.keys())
    if (!containerDefinitions.some((container) => container.name === name))
      throw invalid(`The AWS ECS container ${name} does not exist`);
  return {
    ...definition,
    containerDefinitions: containerDefinitions.map((container) => ({
      ...container,
      image: images.get(container.name ?? '') ?? container.image,
    })),
  };
}

/** What ECS says of a task definition that is registered, and nobody says to it. */
const ITS_OWN = [
  ...(['taskDefinitionArn', 'revision', 'status', 'requiresAttributes'] as const),
  ...(['compatibilities', 'registeredAt', 'registeredBy', 'deregisteredAt'] as const),
];

/** Registers a task definition, which hands its roles to its tasks. @returns its ARN */
export async function registerTaskDefinition(job: Job, definition: TaskDefinition) {
  const { client: ecs, RegisterTaskDefinitionCommand } = await client(job);
  const input = { ...definition };
  for (const member of ITS_OWN) delete input[member];
  for (const role of new Set([input.taskRoleArn, input.executionRoleArn]))
    if (role) await job.passRole(role, TASKS_PRINCIPAL);
  const registered = await explain(
    ecs.send(new RegisterTaskDefinitionCommand(input as RegisterTaskDefinitionCommandInput)),
    callFailure('AmazonECS', 'registerTaskDefinition'),
  );
  return registered.taskDefinition?.taskDefinitionArn ?? '';
}

async function updateService(job: Job, taskDefinition: string): Promise<Deployment> {
  const { client: ecs, UpdateServiceCommand } = await client(job);
  const request = new UpdateServiceCommand({
    cluster: requiredSetting(job, 'ClusterName'),
    service: requiredSetting(job, 'ServiceName'),
    taskDefinition,
  });
  const { service } = await explain(ecs.send(request), callFailure('AmazonECS', 'updateService'));
  const deployment = service?.deployments?.find(({ status }) => status === 'PRIMARY');
  if (deployment) return deployment;
  throw invalid('The service has no deployment of its own: its deployment controller is not ECS');
}
