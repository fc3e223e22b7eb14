import type { ImageDetail } from '@aws-sdk/client-ecr';
import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, onlyOutput, requiredSetting } from './action-type.ts';
import { writeArtifact } from './artifact-files.ts';
import { ActionFailure, callFailure, explain } from './failure.ts';

/** An image, as the file that deployments read: imageDetail.json (CP-B3). Rules start its pipelines, as on AWS (CP-C40). */
export const ecrSource = defineActionType({
  categories: ['Source'],
  provider: 'ECR',
  inputs: [0, 0],
  outputs: [0, 1],
  timeoutMinutes: 60,
  configuration: [
    { name: 'RepositoryName', required: true, key: true, description: "The image's repository." },
    { name: 'ImageTag', key: true, description: 'The tag (default latest).', default: 'latest' },
  ],
  outputVariables: ['ImageDigest', 'ImageTag', 'ImageURI', 'RegistryId', 'RepositoryName'],
  revisions: { IMAGE_DIGEST: {} },
  links: {
    entity: { console: 'ecr', fragment: '/repositories/{Config:RepositoryName}' },
    execution: {
      console: 'ecr',
      fragment: '/repositories/{Config:RepositoryName}/image/{ExternalExecutionId}',
    },
  },

  async start(job) {
    const { ECRClient, DescribeImagesCommand } = await import('@aws-sdk/client-ecr');
    const repositoryName = requiredSetting(job, 'RepositoryName');
    const imageTag = requiredSetting(job, 'ImageTag');
    const { sourceOverrides } = job.run.input;
    const imageDigest = sourceOverrides.find(
      (o) => o.revisionType === 'IMAGE_DIGEST',
    )?.revisionValue;
    const imageIds = [imageDigest ? { imageDigest } : { imageTag }];
    const { imageDetails = [] } = await explain(
      job.client(ECRClient).send(new DescribeImagesCommand({ repositoryName, imageIds })),
      callFailure('AmazonECR', 'describeImages'),
    );
    const [image] = imageDetails;
    if (image) return found(job, image, imageTag);
    throw new ActionFailure(
      'ConfigurationError',
      `No image ${imageDigest ?? imageTag} was found in the repository ${repositoryName}`,
    );
  },
});

async function found(job: Job, image: ImageDetail, imageTag: string): Promise<Outcome> {
  const { imageDigest = '', registryId = '', repositoryName = '', imagePushedAt } = image;
  const registry = `${registryId}.dkr.ecr.${job.run.input.region}.amazonaws.com`;
  const uri = `${registry}/${repositoryName}@${imageDigest}`;
  const detail = {
    ImageSizeInBytes: String(image.imageSizeInBytes ?? 0),
    ImageDigest: imageDigest,
    Version: '1.0',
    ...(imagePushedAt && { ImagePushedAt: imagePushedAt.toUTCString() }),
    ...{ RegistryId: registryId, RepositoryName: repositoryName, ImageURI: uri },
    ImageTags: image.imageTags ?? [],
  };
  if (job.run.outputArtifacts.length > 0)
    await writeArtifact(job, onlyOutput(job), { 'imageDetail.json': JSON.stringify(detail) });
  return {
    state: 'succeeded',
    progress: { externalExecutionId: imageDigest, summary: uri },
    outputVariables: {
      ...{ ImageDigest: imageDigest, ImageTag: imageTag, ImageURI: uri },
      ...{ RegistryId: registryId, RepositoryName: repositoryName },
    },
    revision: {
      ...{ revisionId: imageDigest, revisionChangeIdentifier: imageDigest, revisionSummary: uri },
      ...(imagePushedAt && { created: imagePushedAt.getTime() }),
    },
  };
}
