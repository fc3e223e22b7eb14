import { spawnSync } from 'node:child_process';

/** The first versions that read AWS_ENDPOINT_URL, and `endpoint_url` in a profile. */
const KNOWS_ENDPOINT: Record<number, number> = { 1: 29, 2: 13 };

/**
 * Why the `aws` command that a shell finds would not reach the server by its environment, and what does;
 * undefined when it would, or when there is none. @param environment of that shell
 */
export function awsWarning(
  endpoint: string,
  environment: NodeJS.ProcessEnv = process.env,
): string | undefined {
  const { stdout } = spawnSync('aws', ['--version'], { encoding: 'utf8', env: environment });
  const version = /^aws-cli\/(\d+)\.(\d+)[.\d]*/.exec(stdout ?? '');
  if (version && Number(version[2]) < (KNOWS_ENDPOINT[Number(version[1])] ?? 0)) {
    return `this aws (${version[0].replace('/', ' ')}) reads neither AWS_ENDPOINT_URL nor endpoint_url and would go to AWS itself.
Install 1.29, 2.13 or later. Until then:
  alias aws='aws --endpoint-url ${endpoint}'
which is not enough for "aws deploy push" and "aws deploy register": they call S3 and IAM too. Register by hand,
as src/services/codedeploy/README.md says under "Registering an instance by hand".`;
  }
  const ignored = environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true';
  if (version && ignored) {
    return 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true: aws and the SDKs would go to AWS itself. Unset it.';
  }
  const single = Object.keys(environment).filter((name) =>
    /^AWS_ENDPOINT_URL_[A-Z0-9_]+$/.test(name),
  );
  if (single.length > 0) {
    return `${single.join(', ')} of this shell lead${single.length === 1 ? 's' : ''} elsewhere, whatever AWS_ENDPOINT_URL says.`;
  }
  return undefined;
}

/** What ~/.aws/config takes for shells that do not evaluate `slipway env`. @param name of the profile */
export function profileText(
  name: string,
  server: {
    endpoint: string;
    region: string;
    accessKeyId: string;
    secretAccessKey: string;
  },
): string {
  return [
    `# In the place of a [profile ${name}] that is there: aws refuses a file that has one twice.`,
    `[profile ${name}]`,
    `region = ${server.region}`,
    `endpoint_url = ${server.endpoint}`,
    `aws_access_key_id = ${server.accessKeyId}`,
    `aws_secret_access_key = ${server.secretAccessKey}`,
    'disable_host_prefix_injection = true',
    '',
  ].join('\n');
}
