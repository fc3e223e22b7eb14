import { spawn, spawnSync } from 'node:child_process';

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end. Does not throw on a failing one. */
export function run(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string; input?: string } = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: options.cwd, env: options.env });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A command may end without reading what it is given.
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
  });
}

/** Runs a command that has to succeed, and returns its standard output. */
export async function succeed(...parameters: Parameters<typeof run>): Promise<string> {
  const { code, stdout, stderr } = await run(...parameters);
  if (code !== 0)
    throw new Error(
      `${parameters[0]} ${parameters[1].join(' ')} ended with ${code}:\n${stdout}${stderr}`,
    );
  return stdout;
}

/** Is this command on the machine? */
export function has(command: string, ...args: string[]): boolean {
  return (
    spawnSync(command, args.length > 0 ? args : ['--version'], { stdio: 'ignore' }).status === 0
  );
}

/** Why tests that need `command` are skipped, or false. */
export function missing(command: string, ...args: string[]): string | false {
  return has(command, ...args) ? false : notHere(command);
}

/** Why tests that need `what` are skipped. `.ci/run` sets SLIPWAY_TEST_ALL, where a skip is a failure. */
export function notHere(what: string): string {
  const reason = `${what} is not on this machine`;
  if (process.env.SLIPWAY_TEST_ALL)
    throw new Error(`${reason}, and SLIPWAY_TEST_ALL asks for every test`);
  return reason;
}
