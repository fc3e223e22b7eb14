import { spawnSync } from 'node:child_process';
import { missing, notHere, run, succeed } from './run.ts';
import type { Ready } from './server.ts';

/** Why tests with the aws command are skipped, or false. */
export const noAws = missing('aws');

/** Major and minor version of an aws command; undefined when it is not there. */
function versionOf(command: string): [number, number] | undefined {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(stdout ?? '') ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor)];
}

/** Version 2 alone has `logs tail`; it may stand behind a version 1 in PATH. */
export const aws2 = ['aws', '/usr/bin/aws'].find((command) => versionOf(command)?.[0] === 2);

/** Why tests with version 2 are skipped, or false. */
export const noAws2 = aws2 === undefined && notHere('version 2 of aws');

const [major, minor] = versionOf('aws') ?? [0, 0];
/** Whether `aws` reads AWS_ENDPOINT_URL; Debian 12's, 2.9, does not, and `deploy push` has no other way to S3. */
export const knowsEndpointVariable = minor >= (major === 1 ? 29 : 13);

type Endpoint = Pick<Ready, 'endpoint'> & { env: NodeJS.ProcessEnv };

/**
 * Runs the real aws command against a server and returns its JSON answer. The endpoint goes by flag:
 * Debian 12's version does not know AWS_ENDPOINT_URL.
 * @throws Error with what the command said when it fails
 */
export async function aws(server: Endpoint, ...args: string[]): Promise<Record<string, unknown>> {
  const output = await succeed('aws', withEndpoint(server, args), { env: server.env });
  return output.trim() === '' ? {} : JSON.parse(output);
}

/** The same for calls that have to fail. @returns `Code: message` */
export async function awsError(server: Endpoint, ...args: string[]): Promise<string> {
  const { code, stderr } = await run('aws', withEndpoint(server, args), { env: server.env });
  const found = /An error occurred \(([^)]+)\)[^:]*: ([\s\S]*)/.exec(stderr);
  if (code === 0 || !found) throw new Error(`aws ${args.join(' ')} ended with ${code}: ${stderr}`);
  return `${found[1]}: ${found[2]?.trim()}`;
}

function withEndpoint(server: Endpoint, args: string[]): string[] {
  return ['--endpoint-url', server.endpoint, '--output', 'json', ...args];
}
