import { spawnSync } from 'node:child_process';
import { runAws } from './aws-host.ts';
import { missing, notHere } from './run.ts';
import type { Ready } from './server.ts';
import { type Typed, words } from './words.ts';

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
 * The real aws command against a server, typed as in a shell (`aws(server)\`kms create-key\``), and its JSON answer. The
 * endpoint goes by flag: Debian 12's version does not know AWS_ENDPOINT_URL.
 * @throws Error with what the command said when it fails
 */
export function aws(server: Endpoint): (...typed: Typed) => Promise<Record<string, unknown>> {
  return async (...typed) => {
    const args = withEndpoint(server, words(...typed));
    const { code, stdout, stderr } = await runAws(args, { env: server.env });
    if (code !== 0)
      throw new Error(`aws ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };
}

/** The same for calls that have to fail. @returns `Code: message` */
export function awsError(server: Endpoint): (...typed: Typed) => Promise<string> {
  return async (...typed) => {
    const args = words(...typed);
    const { code, stderr } = await runAws(withEndpoint(server, args), { env: server.env });
    const found = /An error occurred \(([^)]+)\)[^:]*: ([\s\S]*)/.exec(stderr);
    if (code === 0 || !found)
      throw new Error(`aws ${args.join(' ')} ended with ${code}: ${stderr}`);
    return `${found[1]}: ${found[2]?.trim()}`;
  };
}

function withEndpoint(server: Endpoint, args: string[]): string[] {
  return ['--endpoint-url', server.endpoint, '--output', 'json', ...args];
}
