import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { ServiceCatalogClient } from '@aws-sdk/client-service-catalog';
import { parse as parseYaml } from 'yaml';
import { invalidAction } from '../errors.ts';
import {
  defineActionType,
  type Job,
  onlyInput,
  requiredSetting,
  roleOf,
  setting,
  storeEncryption,
} from './action-type.ts';
import { artifactText } from './artifact-files.ts';
import { ActionFailure, bucketFailure, callFailure, explain } from './failure.ts';

const SERVICE = 'AWSServiceCatalog';
/** A handful of names: what is longer is none. */
const MOST_CONFIGURATION_CHARACTERS = 64 * 1024;
const TYPE = 'CLOUD_FORMATION_TEMPLATE';

/** A template of the input artifact as a version of a product (CP-B20). */
export const serviceCatalog = defineActionType({
  categories: ['Deploy'],
  provider: 'ServiceCatalog',
  inputs: [1, 1],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'ProductId', required: true, key: true, description: 'The product.' },
    { name: 'TemplateFilePath', description: 'The file of the input artifact with the template.' },
    { name: 'ProductVersionName', description: "The version's name." },
    { name: 'ProductType', values: [TYPE], description: 'The type of the product.' },
    { name: 'ProductVersionDescription', description: "The version's description." },
    {
      name: 'ConfigurationFilePath',
      description: 'The file of the input artifact that says all this.',
    },
  ],
  rules({ name, configuration }) {
    const { TemplateFilePath, ProductVersionName, ConfigurationFilePath } = configuration;
    if (ConfigurationFilePath ? !TemplateFilePath : TemplateFilePath && ProductVersionName) return;
    throw invalidAction(
      `Action configuration for action '${name}' must have either TemplateFilePath and ProductVersionName or ConfigurationFilePath`,
    );
  },
  links: { entity: { console: 'servicecatalog', fragment: '/products/{Config:ProductId}' } },
  polls: true,

  async start(job) {
    const aws = await catalog(job);
    const version = await versionOf(job);
    const { ProvisioningArtifactDetail: made } = await explain(
      aws.client.send(
        new aws.CreateProvisioningArtifactCommand({
          ProductId: requiredSetting(job, 'ProductId'),
          Parameters: {
            ...{ Name: version.name, Description: version.description, Type: TYPE },
            Info: { LoadTemplateFromURL: await templateUrl(job, version.template) },
          },
          IdempotencyToken: job.run.actionExecutionId,
        }),
      ),
      callFailure(SERVICE, 'createProvisioningArtifact'),
    );
    return { state: 'running', progress: { externalExecutionId: made?.Id ?? '' } };
  },

  async look(job) {
    const aws = await catalog(job);
    const ProvisioningArtifactId = job.run.progress.externalExecutionId ?? '';
    const asked = { ProductId: requiredSetting(job, 'ProductId'), ProvisioningArtifactId };
    const { Status } = await explain(
      aws.client.send(new aws.DescribeProvisioningArtifactCommand(asked)),
      callFailure(SERVICE, 'describeProvisioningArtifact'),
    );
    if (Status === 'CREATING') return { state: 'running', progress: {} };
    const summary = `Version ${ProvisioningArtifactId} of the product: ${Status}`;
    return Status === 'AVAILABLE'
      ? { state: 'succeeded', progress: { summary } }
      : { state: 'failed', code: 'JobFailed', message: summary };
  },
});

async function catalog(job: Job) {
  const package_ = await import('@aws-sdk/client-service-catalog');
  const client: ServiceCatalogClient = job.client(package_.ServiceCatalogClient);
  return { ...package_, client };
}

interface Version {
  name: string;
  description?: string | undefined;
  template: string;
}

async function versionOf(job: Job): Promise<Version> {
  const file = setting(job, 'ConfigurationFilePath');
  if (file) return versionIn(file, await artifactText(job, onlyInput(job), file));
  return {
    name: requiredSetting(job, 'ProductVersionName'),
    description: setting(job, 'ProductVersionDescription'),
    template: requiredSetting(job, 'TemplateFilePath'),
  };
}

function versionIn(file: string, text: string): Version {
  const said = parsed(text);
  const properties = (said?.Properties ?? {}) as Record<string, unknown>;
  const {
    ProductVersionName: name,
    ProductVersionDescription: description,
    ProductType,
  } = said ?? {};
  const { TemplateFilePath: template } = properties;
  if (typeof name === 'string' && typeof template === 'string' && (ProductType ?? TYPE) === TYPE)
    return {
      name,
      description: description === undefined ? undefined : String(description),
      template,
    };
  throw new ActionFailure(
    'ConfigurationError',
    `${file} must have ProductVersionName, ProductType ${TYPE} and Properties.TemplateFilePath`,
  );
}

/** JSON or YAML, of which JSON is a part. */
function parsed(text: string): Record<string, unknown> | undefined {
  if (text.length > MOST_CONFIGURATION_CHARACTERS) return undefined;
  try {
    const value: unknown = parseYaml(text, { maxAliasCount: 0 });
    return value !== null && typeof value === 'object'
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Service Catalog takes templates from S3 alone: it lies beside the artifact. */
async function templateUrl(job: Job, path: string): Promise<string> {
  const artifact = onlyInput(job);
  const Key = `${artifact.key}-template-${job.run.actionExecutionId}`;
  await explain(
    job.client(S3Client).send(
      new PutObjectCommand({
        ...{
          Bucket: artifact.bucket,
          Key,
          Body: Buffer.from(await artifactText(job, artifact, path)),
        },
        ...storeEncryption(job.store),
      }),
    ),
    bucketFailure(roleOf(job), artifact.bucket),
  );
  return `https://${artifact.bucket}.s3.${job.run.input.region}.amazonaws.com/${Key}`;
}
