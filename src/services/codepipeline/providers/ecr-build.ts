import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting, setting } from './action-type.ts';
import { plain } from './build.ts';
import { checkKey, list, read } from './configuration.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';
import { lookAtManagedBuild, managedBuildEnded, startManagedBuild } from './managed-build.ts';

const SERVICE = 'AmazonECR';
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const DIGEST = 'SLIPWAY_IMAGE_DIGEST';

/** An image out of the input artifact's Dockerfile, pushed to a repository: a build with Docker in it (CP-B8). */
export const ecrBuildAndPublish = defineActionType({
  categories: ['Build'],
  provider: 'ECRBuildAndPublish',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'ECRRepositoryName', required: true, key: true, description: 'The repository.' },
    {
      ...{ name: 'DockerFilePath', default: '.' },
      description: 'The Dockerfile, or its folder (default the root of the artifact).',
    },
    {
      ...{ name: 'ImageTags', default: 'latest' },
      description: 'Comma-separated tags (default latest).',
    },
    {
      ...{ name: 'RegistryType', values: ['private', 'public'], default: 'private' },
      unsupported: ['public'],
      description: 'private (default) or public.',
    },
  ],
  rules: (action) => checkKey(action, 'ImageTags', tags),
  outputVariables: ['ECRImageDigestId', 'ECRRepositoryName'],
  links: {
    entity: { console: 'ecr', fragment: '/repositories/{Config:ECRRepositoryName}' },
    execution: { console: 'codebuild', fragment: '/builds/{ExternalExecutionId}/view/new' },
  },
  hears: [managedBuildEnded('image-build-ended')],

  async start(job) {
    const { repository, registry, password } = await repositoryOf(job);
    const images = (read(job, 'ImageTags', tags) ?? []).map((tag) => `${repository}:${tag}`);
    return startManagedBuild(job, {
      // What is asked for goes in by variables, and never becomes a part of a command.
      commands: COMMANDS,
      exported: [DIGEST],
      variables: [
        plain('SLIPWAY_REGISTRY', registry),
        plain('SLIPWAY_PASSWORD', password),
        plain('SLIPWAY_DOCKERFILE', setting(job, 'DockerFilePath') ?? '.'),
        plain('SLIPWAY_IMAGES', images.join(' ')),
      ],
      privileged: true,
    });
  },

  look: async (job) => withVariables(job, await lookAtManagedBuild(job)),
});

const COMMANDS = [
  'printf %s "$SLIPWAY_PASSWORD" | docker login --username AWS --password-stdin "$SLIPWAY_REGISTRY"',
  'if [ -d "$SLIPWAY_DOCKERFILE" ]; then docker build -t slipway-image "$SLIPWAY_DOCKERFILE"; else docker build -t slipway-image -f "$SLIPWAY_DOCKERFILE" .; fi',
  'for image in $SLIPWAY_IMAGES; do docker tag slipway-image "$image" && docker push "$image" || exit 1; done',
  `export ${DIGEST}="$(docker inspect --format '{{index .RepoDigests 0}}' slipway-image | cut -d @ -f 2)"`,
];

/** @throws Error */
function tags(value: string): string[] {
  const all = list(value);
  const wrong = all.find((tag) => !TAG.test(tag));
  if (wrong !== undefined || all.length === 0) throw new Error(`'${wrong ?? value}' is no tag`);
  return all;
}

/** Where the repository is, and by what Docker gets in there. */
async function repositoryOf(job: Job) {
  const aws = await import('@aws-sdk/client-ecr');
  const client = job.client(aws.ECRClient);
  const name = requiredSetting(job, 'ECRRepositoryName');
  const { repositories = [] } = await explain(
    client.send(new aws.DescribeRepositoriesCommand({ repositoryNames: [name] })),
    callFailure(SERVICE, 'describeRepositories'),
  );
  const { authorizationData: [access] = [] } = await explain(
    client.send(new aws.GetAuthorizationTokenCommand({})),
    callFailure(SERVICE, 'getAuthorizationToken'),
  );
  const repository = repositories[0]?.repositoryUri;
  if (!repository || !access?.authorizationToken)
    throw new ActionFailure('ConfigurationError', `The repository ${name} cannot be pushed to`);
  const [, password = ''] = Buffer.from(access.authorizationToken, 'base64').toString().split(':');
  return { repository, password, registry: access.proxyEndpoint ?? repository };
}

function withVariables(job: Job, outcome: Outcome): Outcome {
  if (outcome.state !== 'succeeded') return outcome;
  return {
    ...outcome,
    outputVariables: {
      ECRImageDigestId: outcome.outputVariables?.[DIGEST] ?? '',
      ECRRepositoryName: requiredSetting(job, 'ECRRepositoryName'),
    },
  };
}
