import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { Db, Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import {
  badKey,
  invalidValue,
  keyPairExists,
  missing,
  noKeyPair,
  notFound,
  tooMany,
} from '../errors.ts';
import { MAX_KEY_PAIRS } from '../limits.ts';
import { newId } from '../model/ids.ts';
import {
  type KeyPair,
  lineOf,
  type Material,
  newKeyPair,
  readPublicKey,
} from '../model/key-pairs.ts';
import {
  findKeyPair,
  deleteKeyPair as forget,
  insertKeyPair,
  listKeyPairs,
} from '../store/key-pairs.ts';
import { deleteTags, saveTags, tagsById } from '../store/tags.ts';
import { ec2, ec2Asking, endTrial } from './declare.ts';
import { askForTags, specifiedConditions, specifiedTags } from './inputs.ts';
import { described, tagList } from './lists.ts';

type Place = { region: string; accountId: string };
const keyArn = ({ region, accountId }: Place, { KeyName }: { KeyName?: string | undefined }) =>
  `arn:aws:ec2:${region}:${accountId}:key-pair/${KeyName || '*'}`;

interface NewKey {
  KeyName?: string | undefined;
  TagSpecifications?: sdk.TagSpecification[] | undefined;
  DryRun?: boolean | undefined;
}

const onNew = {
  resource: keyArn,
  conditions: (_ctx: ServiceContext, { TagSpecifications }: NewKey) =>
    specifiedConditions(TagSpecifications),
};

/** Its line is one of authorized_keys. */
function nameIn({ KeyName = '' }: NewKey): string {
  if (!KeyName) throw missing('KeyName');
  if (!/^[\x20-\x7e]{1,255}$/.test(KeyName) || KeyName.trim() !== KeyName)
    throw invalidValue(`Value (${KeyName}) for parameter KeyName is invalid.`);
  return KeyName;
}

/** @throws where there is one of that name, or no more room */
async function checkRoom(db: Db | Tx, ctx: ServiceContext, name: string): Promise<void> {
  const all = await listKeyPairs(db, ctx);
  if (all.some((one) => one.name === name)) throw keyPairExists(name);
  if (all.length >= MAX_KEY_PAIRS) throw tooMany('KeyPairLimitExceeded', MAX_KEY_PAIRS);
}

async function keep(
  ctx: ServiceContext,
  input: NewKey,
  action: string,
  make: () => Promise<Material>,
): Promise<{ pair: KeyPair; tags: Tags; secret: string | undefined }> {
  const name = nameIn(input);
  const tags = specifiedTags(input.TagSpecifications, 'key-pair');
  await askForTags(ctx, { action, arn: keyArn(ctx, input), tags });
  endTrial(input);
  // An RSA key takes its time: not for a name that is taken.
  await checkRoom(ctx.db, ctx, name);
  const { secret, ...material } = await make();
  const pair = { id: newId('key'), name, createdAt: ctx.clock.now().getTime(), ...material };
  await ctx.transaction(async (tx) => {
    await checkRoom(tx, ctx, name);
    await insertKeyPair(tx, ctx, pair);
    await saveTags(tx, ctx, pair.id, tags);
  });
  return { pair, tags, secret };
}

const made = ({ pair, tags }: { pair: KeyPair; tags: Tags }) => ({
  ...{ KeyPairId: pair.id, KeyName: pair.name, KeyFingerprint: pair.fingerprint },
  ...(tags.size > 0 && { Tags: tagList(tags) }),
});

/** The private half is told once, here, and kept by nobody. */
export const createKeyPair = ec2Asking('createKeyPair', onNew, async (ctx, input) => {
  const { KeyType: type = 'rsa', KeyFormat = 'pem' } = input;
  if (KeyFormat !== 'pem') throw unsupported(`key pairs of the format ${KeyFormat}`);
  if (type !== 'rsa' && type !== 'ed25519')
    throw invalidValue(`Value (${type}) for parameter KeyType is invalid.`);
  const its = await keep(ctx, input, 'CreateKeyPair', () => newKeyPair(type, nameIn(input)));
  return { ...made(its), KeyMaterial: its.secret };
});

const MOST_BYTES = 16 * 1024;

export const importKeyPair = ec2Asking('importKeyPair', onNew, async (ctx, input) => {
  const { PublicKeyMaterial: bytes } = input;
  if (!bytes?.length) throw missing('PublicKeyMaterial');
  const material =
    bytes.length > MOST_BYTES ? undefined : readPublicKey(Buffer.from(bytes).toString('latin1'));
  if (!material) throw badKey('Key is not in valid OpenSSH public key format');
  return made(await keep(ctx, input, 'ImportKeyPair', async () => material));
});

type Tagged = KeyPair & { tags: Tags };
const listed = {
  prefix: 'key',
  idOf: ({ id }: Tagged) => id,
  tagsOf: ({ tags }: Tagged) => tags,
  factsOf: ({ id, name, fingerprint }: Tagged) => ({
    ...{ 'key-pair-id': id, fingerprint, 'key-name': name },
  }),
};

export const describeKeyPairs = ec2('describeKeyPairs', {}, async (ctx, input) => {
  const { KeyNames: names = [], KeyPairIds: ids = [], Filters, IncludePublicKey } = input;
  const tags = await tagsById(ctx.db, ctx);
  const all = (await listKeyPairs(ctx.db, ctx)).map((pair) => ({
    ...{ ...pair, tags: tags.get(pair.id) ?? new Map() },
  }));
  for (const name of names) if (!all.some((pair) => pair.name === name)) throw noKeyPair(name);
  for (const id of ids) if (!all.some((pair) => pair.id === id)) throw notFound('key', id);
  const named = all.filter(
    ({ id, name }) =>
      (names.length === 0 || names.includes(name)) && (ids.length === 0 || ids.includes(id)),
  );
  const { items } = described(ctx, listed, named, { Filters });
  const KeyPairs = items.map((pair) => ({
    ...{ KeyPairId: pair.id, KeyName: pair.name, KeyType: pair.type },
    ...{ KeyFingerprint: pair.fingerprint, CreateTime: new Date(pair.createdAt) },
    Tags: tagList(pair.tags),
    ...(IncludePublicKey && { PublicKey: lineOf(pair) }),
  }));
  return { KeyPairs };
});

/** By its name, its id, or both: an empty one says nothing. */
const meant = ({ KeyName, KeyPairId }: sdk.DeleteKeyPairCommandInput) => ({
  id: KeyPairId || undefined,
  name: KeyName || undefined,
});

/** One that is not there is as gone as one that was. */
export const deleteKeyPair = ec2(
  'deleteKeyPair',
  {
    // What IAM is asked about is what goes, however it is named.
    async resource(ctx, input) {
      const pair = await findKeyPair(ctx.db, ctx, meant(input));
      return keyArn(ctx, { KeyName: pair?.name || input.KeyName });
    },
  },
  async (ctx, input) => {
    const wanted = meant(input);
    if (!wanted.id && !wanted.name) throw missing('KeyName');
    return ctx.transaction(async (tx) => {
      const found = await findKeyPair(tx, ctx, wanted);
      if (!found) return { Return: true };
      await forget(tx, ctx, found.id);
      await deleteTags(tx, ctx, found.id);
      return { Return: true, KeyPairId: found.id };
    });
  },
);
