import type { ServiceContext } from '../../service.ts';
import { invalidParameter } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import type { Secret } from '../model/secret.ts';
import { updateSecret } from '../store.ts';
import { onSecret, requireLiveSecret } from './access.ts';
import { secretsmanager } from './declare.ts';

async function changeTags(
  ctx: ServiceContext,
  id: string | undefined,
  change: (tags: Secret['tags']) => Secret['tags'],
): Promise<Record<string, never>> {
  await ctx.transaction(async (tx) => {
    const secret = await requireLiveSecret(ctx, tx, id);
    const tags = change(secret.tags);
    if (Object.keys(tags).length > MAX_TAGS) {
      throw invalidParameter(`A secret can have no more than ${MAX_TAGS} tags.`);
    }
    await updateSecret(tx, { ...secret, tags });
  });
  return {};
}

export const tagResource = secretsmanager('tagResource', onSecret, async (ctx, input) =>
  changeTags(ctx, input.SecretId, (tags) => ({
    ...tags,
    ...Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? ''])),
  })),
);

export const untagResource = secretsmanager('untagResource', onSecret, async (ctx, input) =>
  changeTags(ctx, input.SecretId, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys?.includes(key))),
  ),
);
