import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Finding, Lint, LintFile, LintOptions, Verdict } from './kit/lint/lint.ts';
import { NotReadable, readLocated, START } from './lib/located.ts';
import { SERVICES } from './services/registry.ts';

const USAGE = `Usage: slipway lint [--as pipeline|buildspec|appspec] [--region us-east-1] [--json] FILE…
  Says of a definition what the service would, with file, line and column, without a server and an account.
  FILE is the input of create-pipeline or its pipeline (JSON or YAML), a CloudFormation template (JSON or YAML) with
  AWS::CodePipeline::Pipeline resources, a buildspec, or an AppSpec; - is the standard input.
  --as KIND        what the files are, pipeline, buildspec or appspec (default: what they look like)
  --region REGION  the one that the definition is for, where it does not tell
  Exit code: 0 accepted, 1 refused with every reason, 2 wrong usage. Warnings refuse nothing: they say what works on
  AWS alone, on Slipway alone, or is not what it seems.
`;

const OPTIONS = {
  as: { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Lints = Record<string, () => Promise<Lint>>;

/** A file and what is to say of it. */
interface Linted extends Verdict {
  file: string;
}

/** Kinds of definitions, of whatever service offers them. */
async function lintsOf(): Promise<Lints> {
  const registered = await Promise.all(Object.values(SERVICES).map((service) => service()));
  const provided = await Promise.all(registered.map(({ manifest }) => manifest.parts.provides?.()));
  return Object.assign({}, ...provided.map((provides) => provides?.lints));
}

/** `slipway lint`. @returns 0 accepted, 1 refused, 2 wrong usage */
async function lintCommand(argv: string[]): Promise<number> {
  const asked = read(argv);
  const lints = await lintsOf();
  if (asked?.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const { as: kind, region, json } = asked?.values ?? {};
  if (!asked || asked.positionals.length === 0) return wrong(USAGE);
  if (kind !== undefined && !Object.hasOwn(lints, kind))
    return wrong(`slipway lint: --as takes ${Object.keys(lints).join(', ')}\n`);
  const chosen = await Promise.all(
    Object.entries(lints).flatMap(([name, load]) =>
      kind === undefined || kind === name ? load() : [],
    ),
  );
  const results: Linted[] = [];
  for (const file of asked.positionals) {
    const text = textOf(file);
    if (text === undefined) return wrong(`slipway lint: ${file} cannot be read\n`);
    results.push({ file, ...verdictOf(file, text, chosen, { asked: kind !== undefined, region }) });
  }
  process.stdout.write(
    json ? `${JSON.stringify(results.map(asJson), null, 2)}\n` : asText(results),
  );
  return results.every(isAccepted) ? 0 : 1;
}

function read(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch {
    return undefined;
  }
}

function wrong(text: string): number {
  process.stderr.write(text);
  return 2;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch {
    return undefined;
  }
}

function verdictOf(
  file: string,
  text: string,
  lints: readonly Lint[],
  options: LintOptions,
): Verdict {
  const given: LintFile = { name: file, text, document: () => readLocated(text, file) };
  let unreadable: NotReadable | undefined;
  for (const lint of lints) {
    try {
      const verdict = lint(given, options);
      if (verdict) return verdict;
    } catch (error) {
      if (!(error instanceof NotReadable)) throw error;
      // Another kind may know it by its name.
      unreadable = error;
    }
  }
  if (unreadable) return refused('NotReadable', unreadable.message, unreadable);
  const unknown = 'There is no definition in it that lint knows: see slipway lint --help';
  return refused('NoDefinition', unknown, { at: START });
}

const refused = (code: string, message: string, { at }: Pick<Finding, 'at'>): Verdict => ({
  definitions: 0,
  findings: [{ severity: 'error', code, message, pointer: '', at }],
});

const isAccepted = ({ findings }: Verdict) =>
  findings.every(({ severity }) => severity === 'warning');

const inOrder = (findings: readonly Finding[]) =>
  findings.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column);

const asJson = ({ file, definitions, findings, answer }: Linted) => ({
  file,
  accepted: isAccepted({ definitions, findings }),
  definitions,
  findings: inOrder(findings).map(({ at, ...finding }) => ({ ...finding, ...at })),
  answer,
});

function asText(results: readonly Linted[]): string {
  const lines = results.flatMap((result) => [
    ...inOrder(result.findings).map((finding) => lineOf(result.file, finding)),
    summaryOf(result),
  ]);
  return `${lines.join('\n')}\n`;
}

function lineOf(file: string, { at, severity, code, message, of, pointer }: Finding): string {
  const where = [of, pointer].filter(Boolean).join(' ');
  return `${file}:${at.line}:${at.column}: ${severity}: ${code}: ${message}${where && ` [${where}]`}`;
}

function summaryOf({ file, findings }: Linted): string {
  const count = (wanted: Finding['severity']) =>
    findings.filter(({ severity }) => severity === wanted).length;
  const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? '' : 's'}`;
  const warnings = count('warning') > 0 ? `, ${plural(count('warning'), 'warning')}` : '';
  const errors = count('error');
  return errors > 0
    ? `${file}: refused, ${plural(errors, 'error')}${warnings}`
    : `${file}: accepted${warnings}`;
}

process.exitCode = await lintCommand(process.argv.slice(3));
