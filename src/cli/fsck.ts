import { Readable } from 'node:stream';
import { textAtMost } from '../lib/at-most.ts';
import { parsed } from './parsed.ts';
import { dataDirOf, noServer, readServerFile } from './server-file.ts';
import { signedGet } from './signed-get.ts';

const USAGE = `Usage: slipway fsck REPOSITORY… [--data DIR] [--json]
  Reads all of a CodeCommit repository, as it lies encrypted and as git sees it, and says what is wrong with it.
  Exit code 1 where something is. The server goes on meanwhile.
`;

/** A repository of some gigabytes is read in minutes. */
const ANSWER_MS = 60 * 60_000;
const LONGEST_ANSWER = 64 * 1024 * 1024;

const OPTIONS = {
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

interface Checked {
  repositoryName: string;
  flaws: string[];
}

/** `slipway fsck`. @returns 0 where all is well; 1 where something is not, or could not be looked at; 2 for wrong usage */
export async function fsckCommand(argv: string[], environment = process.env): Promise<number> {
  const asked = parsed({ args: argv, options: OPTIONS, strict: true, allowPositionals: true });
  const { values, positionals: names = [] } = asked ?? {};
  if (!values || values.help || names.length === 0) {
    (values?.help ? process.stdout : process.stderr).write(USAGE);
    return values?.help ? 0 : 2;
  }
  const dataDir = dataDirOf(values.data, environment);
  const server = readServerFile(dataDir);
  if (!server) {
    process.stderr.write(`slipway: ${noServer(dataDir)}\n`);
    return 1;
  }
  let code = 0;
  for (const name of names) {
    const path = `/_slipway/repositories/${encodeURIComponent(name)}/fsck`;
    const answer = await signedGet(server, path, ANSWER_MS).catch((error: Error) => error);
    if (answer instanceof Error || !answer.ok) {
      const why = answer instanceof Error ? answer.message : (await textOf(answer)).trim();
      process.stderr.write(`slipway: ${name}: ${why}\n`);
      code = 1;
      continue;
    }
    const checked = JSON.parse(await textOf(answer)) as Checked;
    process.stdout.write(values.json ? `${JSON.stringify(checked)}\n` : textFor(checked));
    if (checked.flaws.length > 0) code = 1;
  }
  return code;
}

const textFor = ({ repositoryName, flaws }: Checked) =>
  flaws.length === 0
    ? `${repositoryName}: all is well\n`
    : flaws.map((flaw) => `${repositoryName}: ${flaw}\n`).join('');

const textOf = ({ body }: Response) =>
  textAtMost(body ?? Readable.from([]), LONGEST_ANSWER, "The server's answer");
