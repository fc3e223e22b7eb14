import type { ListSecretsCommandInput } from '@aws-sdk/client-secrets-manager';
import { DEFAULT_LIST_LIMIT } from '../limits.ts';
import { matchesFilters } from '../model/filters.ts';
import type { Secret, SecretVersion } from '../model/secret.ts';
import { listVersions, listSecrets as readSecrets } from '../store/secrets.ts';
import { onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';
import { paginate } from './pages.ts';
import { summaryOf } from './secrets.ts';

type SortBy = NonNullable<ListSecretsCommandInput['SortBy']>;

const SORT_KEYS: Record<SortBy, (secret: Secret) => number | string> = {
  'created-date': (s) => s.createdAt.getTime(),
  'last-changed-date': (s) => s.changedAt.getTime(),
  'last-accessed-date': (s) => s.accessedAt?.getTime() ?? 0,
  name: (s) => s.name,
};

export const listSecrets = secretsmanager('listSecrets', {}, async (ctx, input) => {
  const all = await readSecrets(ctx.db, ctx);
  const shown = all.filter(
    (s) => (input.IncludePlannedDeletion || !s.deletedAt) && matchesFilters(s, input.Filters),
  );
  // AWS: by creation, the newest first, unless told. Equal dates are in order of the name.
  const sortKey = SORT_KEYS[input.SortBy ?? 'created-date'];
  const keyOf = (secret: Secret) => [sortKey(secret), secret.name] as const;
  const order = input.SortOrder ?? 'desc';
  const page = paginate(ctx, input, DEFAULT_LIST_LIMIT, shown, keyOf, order);
  const SecretList = [];
  for (const secret of page.items) {
    const inUse = (await listVersions(ctx.db, secret.arn)).filter((v) => v.stages.length > 0);
    const stages = inUse.map((v) => [v.versionId, v.stages]);
    SecretList.push({
      ...summaryOf(secret),
      ...(stages.length > 0 && { SecretVersionsToStages: Object.fromEntries(stages) }),
    });
  }
  return { SecretList, ...page.next };
});

export const listSecretVersionIds = secretsmanager(
  'listSecretVersionIds',
  onSecret,
  async (ctx, input, secret) => {
    const versions = await listVersions(ctx.db, secret.arn);
    const shown = input.IncludeDeprecated ? versions : versions.filter((v) => v.stages.length > 0);
    const keyOf = (v: SecretVersion) => [v.createdAt.getTime(), v.versionId] as const;
    const page = paginate(ctx, input, DEFAULT_LIST_LIMIT, shown, keyOf);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: page.items.map((v) => ({
        VersionId: v.versionId,
        VersionStages: v.stages,
        LastAccessedDate: v.accessedAt,
        CreatedDate: v.createdAt,
        KmsKeyIds: [v.keyArn],
      })),
      ...page.next,
    };
  },
);
