/**
 * `npm run contracts`: makes contracts/*.json (of inputs) and contracts/outputs/*.json again from the service models of the botocore that python3 finds.
 * `npm run contracts -- lambda`: makes the file of a further service, by its name in botocore, as well.
 * `npm run contracts -- --check`: regenerates in memory and exits 1 when a file differs.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Botocore, findBotocore, loadModel } from './botocore.ts';
import { formatContract } from './format.ts';
import { reduceModel } from './reduce.ts';

const FOLDER = join(import.meta.dirname, '..', '..', 'contracts');
/** Which botocore the files were made from. */
const SOURCE = 'source.json';

const say = (line: string) => process.stdout.write(`${line}\n`);
const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

const services = () =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== SOURCE)
    .map((file) => basename(file, '.json'));

/** The files of a service as they should be, by name below the folder. */
function filesOf(botocore: Botocore, service: string): [name: string, text: string][] {
  const model = loadModel(botocore, service);
  return [
    [`${service}.json`, formatContract(reduceModel(service, model, 'input'))],
    [`outputs/${service}.json`, formatContract(reduceModel(service, model, 'output'))],
  ];
}

function generate(botocore: Botocore, further: string[]): number {
  const all = [...new Set([...services(), ...further])];
  const files = all.flatMap((service) => filesOf(botocore, service));
  mkdirSync(join(FOLDER, 'outputs'), { recursive: true });
  for (const [name, text] of files) writeFileSync(join(FOLDER, name), text);
  writeFileSync(join(FOLDER, SOURCE), `${JSON.stringify({ botocore: botocore.version })}\n`);
  say(`contracts: wrote ${files.length} files from botocore ${botocore.version}`);
  return 0;
}

/** Another botocore has other models, which says nothing about ours: only the recorded version is compared. */
function check(botocore: Botocore): number {
  const recorded = (JSON.parse(readFileSync(join(FOLDER, SOURCE), 'utf8')) as { botocore: string })
    .botocore;
  if (recorded !== botocore.version) {
    say(`contracts: check skipped: made from botocore ${recorded}, here is ${botocore.version}`);
    return 0;
  }
  let status = 0;
  const files = services().flatMap((service) => filesOf(botocore, service));
  for (const [name, fresh] of files) {
    const kept = readIfThere(join(FOLDER, name));
    if (fresh === kept) continue;
    status = 1;
    say(`contracts/${name} differs:`);
    for (const line of difference(kept, fresh)) say(line);
  }
  if (status === 0) say(`contracts: ${files.length} files agree with botocore ${botocore.version}`);
  return status;
}

/** Lines that only one of both has. Entries are one a line and sorted, so this reads like a diff. */
function difference(kept: string, fresh: string): string[] {
  const [was, is] = [kept.split('\n'), fresh.split('\n')];
  return [
    ...was.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !was.includes(line)).map((line) => `+ ${line}`),
  ];
}

function main(args: string[]): number {
  const checking = args.includes('--check');
  const further = args.filter((arg) => arg !== '--check');
  if (
    further.some((arg) => !/^[a-z0-9-]+$/.test(arg) || arg.startsWith('-')) ||
    (checking && further.length > 0)
  ) {
    say('usage: contracts [--check | SERVICE …]');
    return 2;
  }
  const botocore = findBotocore();
  if (checking) {
    if (botocore) return check(botocore);
    say('contracts: check skipped: python3 finds no botocore');
    return 0;
  }
  if (botocore) return generate(botocore, further);
  say('contracts: python3 finds no botocore (pip install botocore)');
  return 1;
}

process.exitCode = main(process.argv.slice(2));
