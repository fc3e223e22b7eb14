import { randomInt, randomUUID } from 'node:crypto';
import { unsupported } from '../../../aws/errors.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidParameter, invalidRequest, valueNotFound } from '../errors.ts';
import { DEFAULT_BATCH_LIMIT } from '../limits.ts';
import { matchesFilters } from '../model/filters.ts';
import { randomPassword } from '../model/random-password.ts';
import type { Secret, SecretVersion } from '../model/secret.ts';
import { live } from '../resources/secret.ts';
import { listSecrets, listVersions, noteVersionAccess, updateSecret } from '../store/secrets.ts';
import { openValue } from '../values/sealing.ts';
import { currentSecret, liveSecret, onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';
import { paginate } from './pages.ts';
import { addVersion, draftVersion, valueIn } from './versions.ts';

const CURRENT = 'AWSCURRENT';
const GET = 'secretsmanager:GetSecretValue';

export const getSecretValue = secretsmanager(
  'getSecretValue',
  onSecret,
  async (ctx, input, secret) => {
    live(secret);
    const versions = await listVersions(ctx.db, secret.arn);
    return readValue(ctx, secret, pickVersion(versions, input.VersionId, input.VersionStage));
  },
);

function pickVersion(
  versions: SecretVersion[],
  id: string | undefined,
  stage: string | undefined,
): SecretVersion {
  if (id === undefined) {
    const label = stage ?? CURRENT;
    const found = versions.find((v) => v.stages.includes(label));
    if (!found) throw valueNotFound({ VersionStage: label });
    return found;
  }
  const found = versions.find((v) => v.versionId === id);
  if (!found) throw valueNotFound({ VersionId: id });
  if (stage !== undefined && !found.stages.includes(stage)) {
    throw invalidRequest(
      'You provided a VersionStage that is not associated to the provided VersionId.',
    );
  }
  return found;
}

async function readValue(ctx: ServiceContext, secret: Secret, version: SecretVersion) {
  const value = await openValue(ctx, secret.arn, version);
  await noteAccess(ctx, secret, version);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.versionId,
    ...value,
    VersionStages: version.stages,
    CreatedDate: version.createdAt,
  };
}

const DAY_MS = 24 * 3_600_000;

/** LastAccessedDate is a date without time, so a secret is written once a day at most. */
async function noteAccess(
  ctx: ServiceContext,
  secret: Secret,
  version: SecretVersion,
): Promise<void> {
  const now = ctx.clock.now().getTime();
  const today = new Date(now - (now % DAY_MS));
  const isNoted = ({ accessedAt }: { accessedAt?: Date }) =>
    accessedAt?.getTime() === today.getTime();
  if (isNoted(secret) && isNoted(version)) return;
  await ctx.transaction(async (tx) => {
    const current = await currentSecret(tx, secret.arn);
    await updateSecret(tx, { ...current, accessedAt: today });
    await noteVersionAccess(tx, secret.arn, version.versionId, today);
  });
}

export const batchGetSecretValue = secretsmanager('batchGetSecretValue', {}, async (ctx, input) => {
  if (!input.SecretIdList === !input.Filters) {
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (input.MaxResults !== undefined && !input.Filters) {
    throw invalidParameter(
      "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
    );
  }
  if (input.SecretIdList) return readAll(ctx, input.SecretIdList);
  const secrets = (await listSecrets(ctx.db, ctx)).filter(
    (s) => !s.deletedAt && matchesFilters(s, input.Filters),
  );
  const page = paginate(ctx, input, DEFAULT_BATCH_LIMIT, secrets, (s) => s.name);
  return {
    ...(await readAll(
      ctx,
      page.items.map((s) => s.arn),
    )),
    ...page.next,
  };
});

/** Each secret is asked for as by GetSecretValue; what fails is listed beside what does not. */
async function readAll(ctx: ServiceContext, ids: string[]) {
  const SecretValues = [];
  const Errors = [];
  for (const SecretId of new Set(ids)) {
    try {
      const secret = live(await onSecret.ask(GET)(ctx, { SecretId }));
      const version = pickVersion(await listVersions(ctx.db, secret.arn), undefined, undefined);
      SecretValues.push(await readValue(ctx, secret, version));
    } catch (error) {
      if (!(error instanceof Error) || !('$metadata' in error || 'code' in error)) throw error;
      Errors.push({ SecretId, ErrorCode: error.name, Message: error.message });
    }
  }
  return { SecretValues, Errors };
}

export const putSecretValue = secretsmanager(
  'putSecretValue',
  onSecret,
  async (ctx, input, found) => {
    if (input.RotationToken !== undefined) throw unsupported('rotation of secrets (RotationToken)');
    const value = valueIn(input);
    if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const secret = live(found);
    const versionId = input.ClientRequestToken ?? randomUUID();
    const sealed = await draftVersion(ctx, secret, versionId, value);
    const VersionStages = await ctx.transaction(async (tx) => {
      const current = await liveSecret(tx, secret.arn);
      if (!sealed) {
        const known = (await listVersions(tx, secret.arn)).find((v) => v.versionId === versionId);
        return known?.stages ?? [];
      }
      const now = ctx.clock.now();
      await updateSecret(tx, { ...current, changedAt: now });
      const labels = input.VersionStages ?? [CURRENT];
      return addVersion(tx, secret.arn, { versionId, createdAt: now, ...sealed }, labels);
    });
    return { ARN: secret.arn, Name: secret.name, VersionId: versionId, VersionStages };
  },
);

export const getRandomPassword = secretsmanager('getRandomPassword', {}, async (_ctx, input) => {
  const RandomPassword = randomPassword(input, (below) => randomInt(below));
  if (RandomPassword === undefined) {
    throw invalidParameter(
      'Password length is too short based on the required types, or no characters are left to choose from.',
    );
  }
  return { RandomPassword };
});
