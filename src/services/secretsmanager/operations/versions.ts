import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidParameter, tokenInUse } from '../errors.ts';
import { MAX_LABELS_PER_VERSION, MAX_VERSIONS } from '../limits.ts';
import type { SealedValue, Secret, SecretVersion } from '../model/secret.ts';
import { moveLabels, type Stages } from '../model/stages.ts';
import { deleteVersion, insertVersion, listVersions, setStages } from '../store/secrets.ts';
import { openValue, sealValue, type Value } from '../values/sealing.ts';

/** The value in a call, if there is one. @throws InvalidParameterException for two of them */
export function valueIn(input: {
  SecretString?: string | undefined;
  SecretBinary?: Uint8Array | undefined;
}): Value | undefined {
  if (input.SecretString !== undefined && input.SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  if (input.SecretString !== undefined) return { SecretString: input.SecretString };
  return input.SecretBinary === undefined ? undefined : { SecretBinary: input.SecretBinary };
}

/**
 * Encrypts a new version, unless the secret has one of that id: then the call is a repetition if the value is the same.
 * @returns undefined for a repetition
 * @throws ResourceExistsException when the version has another value
 */
export async function draftVersion(
  ctx: ServiceContext,
  secret: Secret,
  versionId: string,
  value: Value,
): Promise<SealedValue | undefined> {
  const known = (await listVersions(ctx.db, secret.arn)).find((v) => v.versionId === versionId);
  if (!known) return sealValue(ctx, secret, versionId, value);
  if (!sameValue(await openValue(ctx, secret.arn, known), value))
    throw tokenInUse(versionId, secret.arn);
  return undefined;
}

function sameValue(a: Value, b: Value): boolean {
  if ('SecretString' in a) return 'SecretString' in b && a.SecretString === b.SecretString;
  return 'SecretBinary' in b && Buffer.from(a.SecretBinary).equals(b.SecretBinary);
}

/** Adds a version and moves labels to it; a secret's first version always gets AWSCURRENT. */
export async function addVersion(
  tx: Tx,
  arn: string,
  version: Omit<SecretVersion, 'stages'>,
  labels: string[],
): Promise<string[]> {
  const before = await listVersions(tx, arn);
  if (before.some((v) => v.versionId === version.versionId))
    throw tokenInUse(version.versionId, arn);
  const wanted = before.length === 0 ? [...new Set([...labels, 'AWSCURRENT'])] : labels;
  await insertVersion(tx, arn, { ...version, stages: [] });
  const after = moveLabels(stagesOf(before), wanted, version.versionId);
  await saveStages(tx, arn, before, after);
  await dropOldVersions(tx, arn, before, after);
  return after.get(version.versionId) ?? [];
}

export const stagesOf = (versions: SecretVersion[]): Stages =>
  new Map(versions.map((v) => [v.versionId, v.stages]));

/** Writes what has changed. */
export async function saveStages(
  tx: Tx,
  arn: string,
  before: SecretVersion[],
  after: Stages,
): Promise<void> {
  for (const [versionId, stages] of after) {
    if (stages.length > MAX_LABELS_PER_VERSION) {
      throw invalidParameter(
        `A version can have no more than ${MAX_LABELS_PER_VERSION} staging labels.`,
      );
    }
    const known = before.find((v) => v.versionId === versionId);
    if (known?.stages.join() !== stages.join()) await setStages(tx, arn, versionId, stages);
  }
}

/** Versions without labels are deprecated: the oldest go when there are too many. */
async function dropOldVersions(
  tx: Tx,
  arn: string,
  versions: SecretVersion[],
  stages: Stages,
): Promise<void> {
  const deprecated = versions.filter((v) => stages.get(v.versionId)?.length === 0);
  const tooMany = versions.length + 1 - MAX_VERSIONS;
  for (const version of deprecated.slice(0, Math.max(0, tooMany)))
    await deleteVersion(tx, arn, version.versionId);
}
