import {
  type Account,
  accountsOf,
  addAccount,
  firstAccount,
  newAccountId,
} from '../lib/accounts.ts';
import { ownValue } from '../lib/own.ts';
import { parsed } from './parsed.ts';
import { dataDirOf, noServer } from './server-file.ts';

const USAGE = `Usage: slipway account create [--account 222222222222] [--data DIR] [--json]
       slipway account list [--data DIR] [--json]
  Makes an account with a root key of its own, or lists the accounts. The server on the data directory may
  run or not: it knows the key at once. To work in the account: eval "$(slipway env --account 222222222222)"
`;

const OPTIONS = {
  account: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `slipway account`. @returns 0; 1 when it cannot be done; 2 for wrong usage */
export async function accountCommand(argv: string[], environment = process.env): Promise<number> {
  const { values: options, positionals } =
    parsed({ args: argv, options: OPTIONS, strict: true, allowPositionals: true }) ?? {};
  if (options?.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [command, ...rest] = positionals ?? [];
  const commands: Record<string, typeof create> = { create, list };
  const run = command !== undefined && ownValue(commands, command);
  const wrongId = options?.account !== undefined && !/^\d{12}$/.test(options.account);
  if (!options || !run || rest.length > 0 || wrongId) {
    process.stderr.write(wrongId ? 'slipway: --account must be 12 digits\n' : USAGE);
    return 2;
  }
  const dataDir = dataDirOf(options.data, environment);
  if (!firstAccount(dataDir)) {
    process.stderr.write(`slipway: ${noServer(dataDir)}\n`);
    return 1;
  }
  return run(dataDir, options);
}

interface Options {
  account?: string | undefined;
  json?: boolean | undefined;
}

function create(dataDir: string, { account, json }: Options): number {
  const known = accountsOf(dataDir);
  if (known.some(({ accountId }) => accountId === account)) {
    process.stderr.write(`slipway: there is an account ${account} already\n`);
    return 1;
  }
  const made = addAccount(dataDir, account ?? newAccountId(known));
  const { accountId, accessKeyId, secretAccessKey } = made;
  const text = `# Account ${accountId}. For all of its environment: eval "$(slipway env --account ${accountId})"
export AWS_ACCESS_KEY_ID=${accessKeyId}
export AWS_SECRET_ACCESS_KEY=${secretAccessKey}
`;
  process.stdout.write(json ? `${JSON.stringify(made)}\n` : text);
  return 0;
}

function list(dataDir: string, { json }: Options): number {
  // Secrets are for `create` and `env`, which are asked for them.
  const accounts = accountsOf(dataDir).map(({ accountId, accessKeyId }: Account) => ({
    accountId,
    accessKeyId,
  }));
  const lines = accounts.map(({ accountId, accessKeyId }) => `${accountId}  ${accessKeyId}\n`);
  process.stdout.write(json ? `${JSON.stringify(accounts)}\n` : lines.join(''));
  return 0;
}
