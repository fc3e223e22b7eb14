import { machineEnvironment } from '../lib/machine-environment.ts';

/** Variables that are the agent's own business and not for hook scripts, as with the official agent. */
const PRIVATE = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_CREDENTIAL_FILE',
];

/** What hook scripts find in their environment: what the agent's own has, and what it adds. */
export function hookEnvironment(
  env: NodeJS.ProcessEnv,
  more: Record<string, string>,
): NodeJS.ProcessEnv {
  const inherited = Object.entries(machineEnvironment(env)).filter(
    ([name]) => !PRIVATE.includes(name),
  );
  return { ...Object.fromEntries(inherited), ...more };
}
