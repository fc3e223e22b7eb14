import { Readable } from 'node:stream';
import { TooLong, textAtMost } from '../lib/at-most.ts';
import type { EngineStatus } from '../lib/engine-status.ts';
import { engineText } from './engine-text.ts';
import { parsed } from './parsed.ts';
import { dataDirOf, noAnswer, noServer, readServerFile, type ServerFile } from './server-file.ts';
import { ANSWER_MS, signedGet } from './signed-get.ts';

const USAGE = `Usage: slipway status [--data DIR] [--json]
  Says whether the server on this data directory answers, where its builds run, and what they can reach; which
  servers work on its database, what work waits, what fails, since when and why, and what is stuck.
`;

/** The first hundred of each list of an engine have some tens of KiB. */
const LONGEST_ANSWER = 4 * 1024 * 1024;

/** What `/_slipway/health` answers. */
interface Health {
  status: string;
  database: string;
  auth: 'strict' | 'relaxed';
  reason?: string;
  /** Where builds run, and the further places for work that does not go there. */
  builds: { executor: string; isolation: { kind: string; reason?: string } };
  others?: { executor: string }[];
  /** Where git over SSH is. */
  ssh?: { port: number; fingerprint: string };
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
  const server = readServerFile(dataDir);
  const endpoint = server?.endpoint;
  const health = endpoint && (await ask(endpoint));
  if (!server || !endpoint || !health) {
    const reason = endpoint ? noAnswer(endpoint, dataDir) : noServer(dataDir);
    if (options.json) process.stdout.write(`${JSON.stringify({ status: 'absent', reason })}\n`);
    else process.stderr.write(`slipway: ${reason}\n`);
    return 1;
  }
  const engine = health.status === 'running' ? await askEngine(server) : undefined;
  const answer = options.json
    ? `${JSON.stringify({ endpoint, ...health, engine })}\n`
    : asText(endpoint, health, engine);
  process.stdout.write(answer);
  return health.status === 'running' ? 0 : 1;
}

async function ask(endpoint: string): Promise<Health | undefined> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    return JSON.parse(await textOf(await fetch(`${endpoint}/_slipway/health`, { signal })));
  } catch {
    return undefined;
  }
}

/** What the engine does, or why that is not known. */
async function askEngine(server: ServerFile): Promise<EngineStatus | { reason: string }> {
  try {
    const answer = await signedGet(server, '/_slipway/engine');
    const text = await textOf(answer);
    return answer.ok ? (JSON.parse(text) as EngineStatus) : { reason: text.trim() };
  } catch (error) {
    return { reason: error instanceof TooLong ? error.message : 'it did not answer' };
  }
}

/** @throws TooLong */
function textOf({ body }: Response): Promise<string> {
  return textAtMost(body ?? Readable.from([]), LONGEST_ANSWER, "The server's answer");
}

function asText(
  endpoint: string,
  { status, database, auth, reason, builds, others = [], ssh }: Health,
  engine: EngineStatus | { reason: string } | undefined,
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
    `git ssh   ${ssh ? `port ${ssh.port}, host key ${ssh.fingerprint}` : 'off'}`,
    ...others.map(({ executor }) => `also      ${executor} executor, for work without an image`),
    ...(engine === undefined
      ? []
      : 'reason' in engine
        ? [`engine    not known: ${engine.reason}`]
        : engineText(engine)),
    '',
  ].join('\n');
}
