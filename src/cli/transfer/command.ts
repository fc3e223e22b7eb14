import type { ParseArgsConfig } from 'node:util';
import { parsed } from '../parsed.ts';
import { SERVER_OPTIONS, type Server, type ServerOptions, serverOf } from '../server.ts';
import { type Report, reportText } from './report.ts';

/** What `slipway import` and `slipway export` have in common: options, wrong usage, what came of it. */

export const TRANSFER_OPTIONS = {
  ...SERVER_OPTIONS,
  'lfs-url': { type: 'string' },
  'no-lfs': { type: 'boolean' },
  quiet: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

export const TRANSFER_USAGE =
  "  --json          prints what came of it as JSON; --quiet nothing of git's progress";

export interface TransferOptions extends ServerOptions {
  'lfs-url'?: string | undefined;
  'no-lfs'?: boolean | undefined;
  quiet?: boolean | undefined;
  json?: boolean | undefined;
  help?: boolean | undefined;
}

interface TransferCommand<O extends TransferOptions> {
  usage: string;
  /** Those that it has beside TRANSFER_OPTIONS. */
  options?: ParseArgsConfig['options'];
  /** How many arguments it takes. */
  takes: number;
  /** What the URL of its report is to it. */
  direction: 'from' | 'to';
  work(
    server: Server,
    named: string[],
    options: O,
    environment: NodeJS.ProcessEnv,
  ): Promise<Report>;
}

/** @returns 0; 1 when it cannot be done, or not wholly; 2 for wrong usage */
export async function transferCommand<O extends TransferOptions>(
  argv: string[],
  environment: NodeJS.ProcessEnv,
  { usage, options, takes, direction, work }: TransferCommand<O>,
): Promise<number> {
  const all = { ...TRANSFER_OPTIONS, ...options };
  const found = parsed({ args: argv, options: all, strict: true, allowPositionals: true });
  const values = found?.values as O | undefined;
  if (values?.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (!values || found?.positionals?.length !== takes) {
    process.stderr.write(usage);
    return 2;
  }
  const server = serverOf(values, environment);
  try {
    if (typeof server === 'string') throw new Error(server);
    const report = await work(server, found.positionals, values, environment);
    process.stdout.write(
      values.json ? `${JSON.stringify(report)}\n` : reportText(report, direction),
    );
    return report.lfs.missing.length > 0 ? 1 : 0;
  } catch (error) {
    const { name, message } = error as Error;
    process.stderr.write(`slipway: ${name.endsWith('Exception') ? `${name}: ` : ''}${message}\n`);
    return 1;
  }
}
