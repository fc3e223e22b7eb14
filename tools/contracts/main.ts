/**
 * `npm run contracts`: makes contracts/*.json from the service models of the botocore that python3 finds.
 * `npm run contracts -- --check`: regenerates in memory and exits 1 when a file differs.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Botocore, findBotocore, loadModel } from './botocore.ts';
import { formatContract } from './format.ts';
import { reduceModel } from './reduce.ts';

const SERVICES = [
  'codebuild',
  'codecommit',
  'codedeploy',
  'codepipeline',
  'events',
  'iam',
  'kms',
  'logs',
  's3',
  'secretsmanager',
  'ssm',
  'sts',
];
const FOLDER = join(import.meta.dirname, '..', '..', 'contracts');
const SOURCE = join(FOLDER, 'source.json');

const say = (line: string) => process.stdout.write(`${line}\n`);
const fileOf = (service: string) => join(FOLDER, `${service}.json`);
const readIfThere = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : '');

function generate(botocore: Botocore): number {
  for (const service of SERVICES)
    writeFileSync(
      fileOf(service),
      formatContract(reduceModel(service, loadModel(botocore, service))),
    );
  writeFileSync(SOURCE, `${JSON.stringify({ botocore: botocore.version })}\n`);
  say(`contracts: wrote ${SERVICES.length} files from botocore ${botocore.version}`);
  return 0;
}

/** Another botocore has other models, which says nothing about ours: only the recorded version is compared. */
function check(botocore: Botocore): number {
  const recorded = (JSON.parse(readFileSync(SOURCE, 'utf8')) as { botocore: string }).botocore;
  if (recorded !== botocore.version) {
    say(`contracts: check skipped: made from botocore ${recorded}, here is ${botocore.version}`);
    return 0;
  }
  let status = 0;
  for (const service of SERVICES) {
    const fresh = formatContract(reduceModel(service, loadModel(botocore, service)));
    const kept = readIfThere(fileOf(service));
    if (fresh === kept) continue;
    status = 1;
    say(`contracts/${service}.json differs:`);
    for (const line of difference(kept, fresh)) say(line);
  }
  if (status === 0)
    say(`contracts: ${SERVICES.length} files agree with botocore ${botocore.version}`);
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
  if (args.some((arg) => arg !== '--check')) {
    say('usage: contracts [--check]');
    return 2;
  }
  const botocore = findBotocore();
  if (args.includes('--check')) {
    if (botocore) return check(botocore);
    say('contracts: check skipped: python3 finds no botocore');
    return 0;
  }
  if (botocore) return generate(botocore);
  say('contracts: python3 finds no botocore (pip install botocore)');
  return 1;
}

process.exitCode = main(process.argv.slice(2));
