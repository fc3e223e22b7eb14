import { randomInt, randomUUID } from 'node:crypto';
import type { CreateSecretCommandInput } from '@aws-sdk/client-secrets-manager';
import { unsupported } from '../../../aws/errors.ts';
import { at, tagObject } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkNewTags, tagsOf } from '../../../kit/tags.ts';
import { invalidName, nameAwaitsDeletion, secretExists } from '../errors.ts';
import { isValidName, type SealedValue, type Secret, secretArn } from '../model/secret.ts';
import { live, secret as secretKind, TAG_RULES } from '../resources/secret.ts';
import {
  findSecret,
  insertSecret,
  listVersions,
  updateSecret as saveSecret,
  setValue,
} from '../store/secrets.ts';
import { openValue, sealValue, type Value } from '../values/sealing.ts';
import { liveSecret, onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';
import { givenTags } from './tags.ts';
import { addVersion, draftVersion, valueIn } from './versions.ts';

const SUFFIX_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const randomSuffix = () =>
  Array.from({ length: 6 }, () =>
    SUFFIX_CHARACTERS.charAt(randomInt(SUFFIX_CHARACTERS.length)),
  ).join('');

export const createSecret = secretsmanager(
  'createSecret',
  at(secretKind, (input: { Name: string | undefined }) => input.Name, {
    conditions: (_ctx, input) => ({ 'secretsmanager:name': input.Name ?? '' }),
  }),
  async (ctx, input) => {
    checkNew(input);
    const value = valueIn(input);
    const versionId = input.ClientRequestToken ?? randomUUID();
    const known = await findSecret(ctx.db, ctx, { name: input.Name });
    if (known) return repeated(ctx, known, versionId, value);
    const secret = newSecret(ctx, input);
    const sealed = value && (await sealValue(ctx, secret, versionId, value));
    return ctx.transaction(async (tx) => {
      if (await findSecret(tx, ctx, { name: secret.name })) throw secretExists(secret.name);
      await insertSecret(tx, secret);
      if (sealed)
        await addVersion(tx, secret.arn, { versionId, createdAt: secret.createdAt, ...sealed }, [
          'AWSCURRENT',
        ]);
      return { ARN: secret.arn, Name: secret.name, ...(sealed && { VersionId: versionId }) };
    });
  },
);

function checkNew(input: CreateSecretCommandInput): void {
  if (!isValidName(input.Name ?? '')) throw invalidName();
  if (input.AddReplicaRegions?.length) throw unsupported('replication of secrets');
  if (input.Type !== undefined) throw unsupported('managed external secrets (Type)');
  checkNewTags(givenTags(input.Tags), TAG_RULES);
}

function newSecret(ctx: ServiceContext, input: CreateSecretCommandInput): Secret {
  const now = ctx.clock.now();
  const name = input.Name ?? '';
  return {
    accountId: ctx.accountId,
    region: ctx.region,
    name,
    arn: secretArn(ctx, name, randomSuffix()),
    description: input.Description,
    kmsKeyId: input.KmsKeyId || undefined,
    tags: tagObject(tagsOf(input.Tags)),
    createdAt: now,
    changedAt: now,
  };
}

/** A second CreateSecret with the same token and value is a retry, and succeeds. */
async function repeated(
  ctx: ServiceContext,
  secret: Secret,
  versionId: string,
  value: Value | undefined,
) {
  if (secret.deletedAt) throw nameAwaitsDeletion();
  const versions = await listVersions(ctx.db, secret.arn);
  if (!value || !versions.some((v) => v.versionId === versionId)) throw secretExists(secret.name);
  await draftVersion(ctx, secret, versionId, value);
  return { ARN: secret.arn, Name: secret.name, VersionId: versionId };
}

export const updateSecret = secretsmanager('updateSecret', onSecret, async (ctx, input, found) => {
  if (input.Type !== undefined) throw unsupported('managed external secrets (Type)');
  const value = valueIn(input);
  const before = live(found);
  const change = {
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyId !== undefined && { kmsKeyId: input.KmsKeyId || undefined }),
  };
  const versionId = input.ClientRequestToken ?? randomUUID();
  const target = { ...before, ...change };
  const moved = input.KmsKeyId === undefined ? [] : await reseal(ctx, target);
  const sealed = value && (await draftVersion(ctx, target, versionId, value));
  return ctx.transaction(async (tx) => {
    const now = ctx.clock.now();
    const secret = await liveSecret(tx, before.arn);
    await saveSecret(tx, { ...secret, ...change, changedAt: now });
    for (const { id, resealed } of moved) await setValue(tx, secret.arn, id, resealed);
    if (sealed)
      await addVersion(tx, secret.arn, { versionId, createdAt: now, ...sealed }, ['AWSCURRENT']);
    return { ARN: secret.arn, Name: secret.name, ...(value && { VersionId: versionId }) };
  });
});

/** A new key takes over the versions that are in use. */
async function reseal(
  ctx: ServiceContext,
  secret: Secret,
): Promise<{ id: string; resealed: SealedValue }[]> {
  const moved = [];
  for (const version of await listVersions(ctx.db, secret.arn)) {
    if (version.stages.length === 0) continue;
    const value = await openValue(ctx, secret.arn, version);
    const { versionId: id, accessedAt } = version;
    const sealed = await sealValue(ctx, secret, id, value);
    moved.push({ id, resealed: { ...sealed, ...(accessedAt && { accessedAt }) } });
  }
  return moved;
}

export const describeSecret = secretsmanager(
  'describeSecret',
  onSecret,
  async (ctx, _input, secret) => {
    const versions = await listVersions(ctx.db, secret.arn);
    const inUse = versions.filter((v) => v.stages.length > 0).map((v) => [v.versionId, v.stages]);
    return {
      ...summaryOf(secret),
      ...(inUse.length > 0 && { VersionIdsToStages: Object.fromEntries(inUse) }),
    };
  },
);

/** What DescribeSecret and ListSecrets both say. */
export function summaryOf(secret: Secret) {
  const tags = Object.entries(secret.tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    ARN: secret.arn,
    Name: secret.name,
    Description: secret.description,
    KmsKeyId: secret.kmsKeyId,
    LastChangedDate: secret.changedAt,
    LastAccessedDate: secret.accessedAt,
    DeletedDate: secret.deletedAt,
    Tags: tags.length > 0 ? tags : undefined,
    CreatedDate: secret.createdAt,
  };
}
