import type { GitRuntime } from './environment.ts';
import type { Reference, UpdateOutcome } from './git-host.ts';
import { isObjectId, isReferenceName, zeroObjectId } from './names.ts';
import type { ObjectType } from './objects.ts';
import { GitError, runGit } from './process.ts';

const FORMAT = '%(refname)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)';

function parseReference(line: string): Reference {
  const [name = '', id = '', type = '', peeledId = '', peeledType = ''] = line.split('\0');
  return {
    name,
    id,
    type: type as ObjectType,
    peeledId: peeledId || id,
    peeledType: (peeledType || type) as ObjectType,
  };
}

/** See GitRepository.references. Names that git would not accept match nothing. */
export async function listReferences(
  runtime: GitRuntime,
  directory: string,
  names?: string[],
): Promise<Reference[]> {
  const wanted = names?.filter(
    (name) => isReferenceName(name.replace(/\/$/, '')) || name === 'refs/',
  );
  if (wanted?.length === 0) return [];
  // git takes `refs/heads/a` for that and everything below it: exact names are filtered here.
  const patterns = wanted?.map((name) => name.replace(/\/$/, '')) ?? [];
  const output = await runGit(runtime, directory, [
    'for-each-ref',
    `--format=${FORMAT}`,
    '--end-of-options',
    ...patterns,
  ]);
  const references = output
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map(parseReference);
  if (!wanted) return references;
  return references.filter(({ name }) =>
    wanted.some((one) => (one.endsWith('/') ? name.startsWith(one) : name === one)),
  );
}

/** See GitRepository.updateReference. */
export async function updateReference(
  runtime: GitRuntime,
  directory: string,
  name: string,
  newId: string | undefined,
  oldId: string | undefined,
): Promise<UpdateOutcome> {
  if (!isReferenceName(name)) throw new Error('Not a reference name');
  for (const id of [newId, oldId]) {
    if (id !== undefined && !isObjectId(id)) throw new Error('Not an object id');
  }
  if (newId === undefined && oldId === undefined) throw new Error('Nothing to update');
  const line = newId
    ? `update ${name} ${newId} ${oldId ?? zeroObjectId}\n`
    : `delete ${name} ${oldId}\n`;
  try {
    await runGit(runtime, directory, ['update-ref', '--stdin'], { stdin: line });
    return 'updated';
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const [current] = await listReferences(runtime, directory, [name]);
    if (current?.id !== oldId) return 'moved';
    throw error;
  }
}
