import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { GitCredentials } from './resources.ts';

/** Reads the credentials from the environment, so that the password stands in no argument and no file. */
const HELPER = '!f() { echo "username=$DEMO_GIT_USER"; echo "password=$DEMO_GIT_PASSWORD"; }; f';

/** Runs git in `directory`. @throws Error with what git said. */
export async function git(
  directory: string,
  args: string[],
  credentials?: GitCredentials,
  { env = {}, input }: { env?: NodeJS.ProcessEnv; input?: string } = {},
): Promise<void> {
  const identity = ['-c', 'user.name=Slipway', '-c', 'user.email=slipway@example.com'];
  const child = spawn('git', [...identity, '-c', `credential.helper=${HELPER}`, ...args], {
    cwd: directory,
    env: {
      ...process.env,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_TERMINAL_PROMPT: '0',
      DEMO_GIT_USER: credentials?.userName,
      DEMO_GIT_PASSWORD: credentials?.password,
      ...env,
    },
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}:\n${output}`);
}
