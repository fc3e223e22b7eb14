import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { directoryPlace } from './backup/directory-place.ts';
import { makeBackup } from './backup/make-backup.ts';
import type { Place } from './backup/place.ts';
import { restoreBackup } from './backup/restore-backup.ts';
import { isS3Address, s3Place } from './backup/s3-place.ts';
import { type Config, readConfig } from './config.ts';
import { StartError, startSentence, UsageError } from './lib/start-error.ts';
import { schemaOf } from './platform.ts';
import { SERVICES } from './services/registry.ts';

const USAGE = `Usage: slipway backup DEST [--data DIR] [--database postgres://…] [--without-keys]
       slipway restore SRC [--data DIR] [--database postgres://…] [--keys DIR]
  Copies a whole server, which may run meanwhile: database, blobs, repositories and keys; and makes one of such a copy. DEST
  is a new directory or s3://BUCKET/PREFIX (credentials as SDKs find them), the data directory of restore a new one.
  --database URL      where the database is PostgreSQL (SLIPWAY_DATABASE keeps its password out of the arguments)
  --without-keys      a backup that nobody can read who has not got master.key, which has to be kept elsewhere
  --keys DIR          the directory with the keys of such a backup: a data directory, or a copy of its keys
  --endpoint-url URL  of an S3 that is not AWS's;  --region REGION  of the bucket
  --json              the result for programs
  A backup with keys is as secret as the server: whoever reads it reads everything.
  Exit code: 0 done, 1 not done with the reason, 2 wrong usage.
`;

const OPTIONS = {
  data: { type: 'string' },
  database: { type: 'string' },
  'without-keys': { type: 'boolean' },
  keys: { type: 'string' },
  'endpoint-url': { type: 'string' },
  region: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

type Options = NonNullable<ReturnType<typeof read>>['values'];

function read(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch {
    return undefined;
  }
}

/** Data directory and database, as the server's flags and variables say. */
function configOf({ data, database }: Options): Config {
  return readConfig([
    ...(data === undefined ? [] : ['--data', data]),
    ...(database === undefined ? [] : ['--database', database]),
  ]);
}

function placeOf(name: string, options: Options): Place {
  const { 'endpoint-url': endpoint, region } = options;
  return isS3Address(name) ? s3Place(name, { endpoint, region }) : directoryPlace(resolve(name));
}

async function schema() {
  const registered = await Promise.all(Object.values(SERVICES).map((service) => service()));
  const services = registered.map(async ({ manifest: { name, parts } }) => ({
    name,
    migrations: (await parts.migrations?.()) ?? [],
  }));
  return schemaOf(await Promise.all(services));
}

async function backup(place: Place, options: Options): Promise<void> {
  const { dataDir, databaseUrl, ephemeral } = configOf(options);
  if (ephemeral) throw new UsageError('--data :memory: is nothing to back up.');
  if (`${place.name}/`.startsWith(`${dataDir}/`))
    throw new UsageError('A backup does not go into the data directory.');
  const keys = !options['without-keys'];
  const since = Date.now();
  const made = await makeBackup({
    ...{ dataDir, place, keys, schema: await schema() },
    database: databaseUrl
      ? { dialect: 'postgres', url: databaseUrl }
      : { dialect: 'sqlite', file: `${dataDir}/slipway.db` },
  });
  if (keys)
    process.stderr.write(
      `slipway: WARNING: ${place.name} holds master.key and the root keys of all accounts: whoever reads it reads everything. --without-keys leaves them out.\n`,
    );
  else
    process.stderr.write(
      `slipway: WARNING: ${place.name} is of no use without master.key, which is not in it: keep a copy of ${dataDir}/master.key elsewhere.\n`,
    );
  const { tables, blobs, repositories, bytes } = made;
  const text = `Backup of ${dataDir} at ${place.name}: ${tables} tables, ${blobs} blobs, ${repositories} repositories, ${(bytes / 1e6).toFixed(1)} MB, ${((Date.now() - since) / 1000).toFixed(1)} s\n`;
  process.stdout.write(
    options.json ? `${JSON.stringify({ place: place.name, keys, ...made })}\n` : text,
  );
}

async function restore(place: Place, options: Options): Promise<void> {
  const { dataDir, databaseUrl, ephemeral } = configOf(options);
  if (ephemeral) throw new UsageError('--data :memory: is nothing to restore into.');
  const keysFrom = options.keys === undefined ? undefined : resolve(options.keys);
  const done = await restoreBackup({
    place,
    dataDir,
    databaseUrl,
    keysFrom,
    schema: await schema(),
  });
  const { made, tables, blobs, repositories } = done;
  const text = `Restored ${dataDir} of ${made}: ${tables} tables, ${blobs} blobs, ${repositories} repositories, all as the backup's list says.
Work that was under way goes on where a server starts on it. Do not let that one and the old one run at once.
`;
  process.stdout.write(options.json ? `${JSON.stringify({ dataDir, ...done })}\n` : text);
}

/** `slipway backup` and `slipway restore`. @returns 0 done, 1 not done, 2 wrong usage */
async function main([command = '', ...argv]: string[]): Promise<number> {
  const asked = read(argv);
  if (asked?.values.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [name, ...more] = asked?.positionals ?? [];
  const wrong = command === 'backup' ? asked?.values.keys : asked?.values['without-keys'];
  if (!asked || !name || more.length > 0 || wrong) {
    process.stderr.write(USAGE);
    return 2;
  }
  let place: Place | undefined;
  try {
    place = placeOf(name, asked.values);
    await (command === 'backup' ? backup : restore)(place, asked.values);
    return 0;
  } catch (error) {
    const usage = error instanceof UsageError;
    process.stderr.write(`slipway: ${usage ? error.message : said(error, place?.name ?? name)}\n`);
    return usage ? 2 : 1;
  } finally {
    place?.close();
  }
}

/** No stack, which would be for who wrote this: what S3 says is a sentence as well. */
function said(error: unknown, place: string): string {
  if (error instanceof StartError) return error.message;
  const { name, message } = error as Error;
  return startSentence(error, place) ?? `${name}: ${message}`;
}

process.exitCode = await main(process.argv.slice(2));
