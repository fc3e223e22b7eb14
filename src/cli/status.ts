import { parsed } from './parsed.ts';
import { dataDirOf, noAnswer, noServer, readServerFile } from './server-file.ts';

const USAGE = `Usage: slipway status [--data DIR] [--json]
  Says whether the server on this data directory answers, where its builds run, and what they can reach.
`;

/** What `/_slipway/health` answers. */
interface Health {
  status: string;
  database: string;
  auth: 'strict' | 'relaxed';
  reason?: string;
  /** Where builds run, and the further places for work that does not go there. */
  builds: { executor: string; isolation: { kind: string; reason?: string } };
  others?: { executor: string }[];
}

const OPTIONS = {
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `slipway status`. @returns 0; 1 when the server does not answer or fails; 2 for wrong usage */
export async function statusCommand(argv: string[], environment = process.env): Promise<number> {
  const options = parsed({ args: argv, options: OPTIONS, strict: true })?.values;
  if (!options || options.help) {
    (options ? process.stdout : process.stderr).write(USAGE);
    return options ? 0 : 2;
  }
  const dataDir = dataDirOf(options.data, environment);
  const endpoint = readServerFile(dataDir)?.endpoint;
  const health = endpoint && (await ask(endpoint));
  if (!endpoint || !health) {
    const reason = endpoint ? noAnswer(endpoint, dataDir) : noServer(dataDir);
    if (options.json) process.stdout.write(`${JSON.stringify({ status: 'absent', reason })}\n`);
    else process.stderr.write(`slipway: ${reason}\n`);
    return 1;
  }
  const answer = options.json
    ? `${JSON.stringify({ endpoint, ...health })}\n`
    : asText(endpoint, health);
  process.stdout.write(answer);
  return health.status === 'running' ? 0 : 1;
}

async function ask(endpoint: string): Promise<Health | undefined> {
  try {
    return (await (await fetch(`${endpoint}/_slipway/health`)).json()) as Health;
  } catch {
    return undefined;
  }
}

function asText(
  endpoint: string,
  { status, database, auth, reason, builds, others = [] }: Health,
): string {
  const { kind, reason: why } = builds.isolation;
  const sandbox =
    kind === 'none'
      ? `WITHOUT A SANDBOX (${why}): they can read and change all that the server can`
      : `isolated by ${kind}`;
  return [
    `server    ${status} at ${endpoint}${reason ? `: ${reason}` : ''}`,
    `database  ${database}`,
    `identity  ${auth === 'strict' ? 'strict IAM' : 'relaxed: any signature is taken'}`,
    `builds    ${builds.executor} executor, ${sandbox}`,
    ...others.map(({ executor }) => `also      ${executor} executor, for work without an image`),
    '',
  ].join('\n');
}
