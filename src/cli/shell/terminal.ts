import {
  type SSMClient,
  StartSessionCommand,
  type StartSessionCommandInput,
} from '@aws-sdk/client-ssm';
import { openSession } from '../../lib/session-client.ts';

/** What Session Manager calls a build or a sandbox, by its id or ARN. */
export const targetOf = (id: string): string => `codebuild:${id.slice(id.lastIndexOf(':') + 1)}`;

/**
 * This terminal at a shell in a build, or with `line` at a command. What it prints is the build's own: it comes as it is.
 * @returns why it ended, where the server has a reason
 * @throws the SDK's errors; Error when the connection ends before the session
 */
export async function shellIn(ssm: SSMClient, id: string, line?: string): Promise<string> {
  const document: Partial<StartSessionCommandInput> =
    line === undefined
      ? {}
      : { DocumentName: 'AWS-StartInteractiveCommand', Parameters: { command: [line] } };
  const access = await ssm.send(new StartSessionCommand({ Target: targetOf(id), ...document }));
  const { stdin, stdout } = process;
  const size = () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 });
  const session = openSession(access, {
    size: size(),
    output: (bytes) => void stdout.write(bytes),
  });
  const type = (bytes: Buffer) => session.type(bytes);
  const resize = () => session.resize(size());
  // Ctrl-D: a pipe that has no more to say ends the shell.
  const eof = () => session.type('\x04');
  if (stdin.isTTY) stdin.setRawMode(true);
  stdin.on('data', type).once('end', eof);
  stdout.on('resize', resize);
  try {
    return await session.closed;
  } finally {
    stdout.off('resize', resize);
    stdin.off('data', type).off('end', eof);
    if (stdin.isTTY) stdin.setRawMode(false);
    stdin.pause();
  }
}

/** A command in a build, without anybody at a terminal. @returns what it printed */
export async function commandIn(ssm: SSMClient, id: string, line: string): Promise<string> {
  const access = await ssm.send(
    new StartSessionCommand({
      ...{ Target: targetOf(id), DocumentName: 'AWS-StartInteractiveCommand' },
      Parameters: { command: [line] },
    }),
  );
  const said: Buffer[] = [];
  await openSession(access, { output: (bytes) => void said.push(bytes) }).closed;
  return Buffer.concat(said).toString();
}
