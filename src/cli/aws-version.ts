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
    return (
      `this aws (${version[0].replace('/', ' ')}) does not read AWS_ENDPOINT_URL and would go to AWS itself: ` +
      `version 1.29 or 2.13 does. With this one:\n  alias aws='aws --endpoint-url ${endpoint}'\n` +
      'which deploy push and deploy register, who call other services too, do not heed.'
    );
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

/** What ~/.aws/config takes for shells that do not evaluate `slipway env`. */
export function profileText(server: {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
}): string {
  return [
    '[profile slipway]',
    `region = ${server.region}`,
    `endpoint_url = ${server.endpoint}`,
    `aws_access_key_id = ${server.accessKeyId}`,
    `aws_secret_access_key = ${server.secretAccessKey}`,
    '',
  ].join('\n');
}
