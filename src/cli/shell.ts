import { SSMClient } from '@aws-sdk/client-ssm';
import { parsed } from './parsed.ts';
import { clientConfig, failureText, SERVER_OPTIONS, SERVER_USAGE, serverOf } from './server.ts';
import { shellIn } from './shell/terminal.ts';

const USAGE = `Usage: slipway shell ID [--command LINE]
  A shell in a build that was started with a debug session (slipway build --shell-on-failure, or
  aws codebuild start-build --debug-session-enabled), while it runs or is paused; or in a sandbox. codebuild-resume in there
  lets a paused build go on.
  ID                            of the build or the sandbox, or its ARN
  --command LINE                runs this in place of a shell
${SERVER_USAGE}
  Exit code: 0 the session has ended, 1 there is none to be had, 2 wrong usage.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  command: { type: 'string' },
  help: { type: 'boolean' },
} as const;

/** `slipway shell`. @returns 0 when the session has ended, 1 when there is none, 2 for wrong usage */
export async function shellCommand(argv: string[], environment = process.env): Promise<number> {
  const given = parsed({ args: argv, options: OPTIONS, allowPositionals: true });
  if (given?.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [id, ...rest] = given?.positionals ?? [];
  if (!given || !id || rest.length > 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const server = serverOf(given.values, environment);
  if (typeof server === 'string') return failed(server);
  try {
    const reason = await shellIn(new SSMClient(clientConfig(server)), id, given.values.command);
    return reason ? failed(reason) : 0;
  } catch (error) {
    return failed(failureText(error, server));
  }
}

function failed(reason: string): number {
  process.stderr.write(`slipway shell: ${reason}\n`);
  return 1;
}
