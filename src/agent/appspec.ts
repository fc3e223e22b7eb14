import { readFile, stat } from 'node:fs/promises';
import { type AppSpec, parseAppSpec } from '../lib/server-appspec/parse.ts';
import { exists } from './layout.ts';
import { named } from './system-error.ts';
import { insideArchive } from './unpack.ts';

/** The AppSpec file that hooks read: only the one that the specification names. @throws Error in AWS's words when it is missing */
export async function readNamedAppSpec(archive: string, name: string): Promise<AppSpec> {
  const path = await insideArchive(archive, name);
  if (!(await exists(path))) throw notFound(archive, name, path);
  return parseAppSpec(await read(path));
}

/** The AppSpec file that Install reads: the named one, or appspec.yaml, or appspec.yml. */
export async function readAppSpecForInstall(archive: string, name: string): Promise<AppSpec> {
  for (const candidate of [name, 'appspec.yaml', 'appspec.yml']) {
    const path = await insideArchive(archive, candidate);
    if (await exists(path)) return parseAppSpec(await read(path));
  }
  throw notFound(archive, name, await insideArchive(archive, name));
}

/** Far more than what the reader of YAML takes. */
const LONGEST_BYTES = 8 * 1024 * 1024;

async function read(path: string): Promise<string> {
  const found = await stat(path);
  // Pipes and devices may never end.
  if (!found.isFile() && !found.isDirectory())
    throw new Error(`The AppSpec file ${path} is no file.`);
  if (found.isFile() && found.size > LONGEST_BYTES)
    throw new Error(`The AppSpec file ${path} is longer than ${LONGEST_BYTES} bytes.`);
  return named('io_fread', path, readFile(path, 'utf8'));
}

function notFound(archive: string, name: string, path: string): Error {
  return new Error(
    `The CodeDeploy agent did not find an AppSpec file within the unpacked revision directory at revision-relative path "${name}". The revision was unpacked to directory "${archive}", and the AppSpec file was expected but not found at path "${path}". Consult the AWS CodeDeploy Appspec documentation for more information at http://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file.html`,
  );
}
