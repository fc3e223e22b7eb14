import type { SSHPublicKey, SSHPublicKeyMetadata } from '@aws-sdk/client-iam';
import type { Tx } from '../../../db/database.ts';
import {
  duplicateSshKey,
  invalidInput,
  invalidPublicKey,
  noSuchSshKey,
  quota,
  unrecognizedEncoding,
} from '../errors.ts';
import { SSH_PUBLIC_KEYS_PER_USER } from '../limits.ts';
import { newId } from '../model/names.ts';
import { parseSshPublicKey, pemOf } from '../model/ssh-public-key.ts';
import { onUser } from '../resources/identity.ts';
import type { Identity } from '../store/identities.ts';
import {
  deleteSshKey,
  findSshKey,
  insertSshKey,
  listSshKeys,
  type SshKey,
  setSshKeyStatus,
} from '../store/ssh-public-keys.ts';
import { iam } from './declare.ts';
import { change, current, nowOf, slice } from './shared.ts';

const metadata = (key: SshKey, user: Identity): SSHPublicKeyMetadata => ({
  UserName: user.name,
  SSHPublicKeyId: key.id,
  Status: key.status,
  UploadDate: key.uploadedAt,
});

const whole = (key: SshKey, user: Identity, body: string): SSHPublicKey => ({
  ...(metadata(key, user) as Required<SSHPublicKeyMetadata>),
  Fingerprint: key.fingerprint,
  SSHPublicKeyBody: body,
});

export const uploadSSHPublicKey = iam('uploadSSHPublicKey', onUser, async (ctx, input, named) => {
  const { SSHPublicKeyBody: body = '' } = input;
  const parsed = parseSshPublicKey(body);
  if (parsed === 'encoding') throw unrecognizedEncoding();
  if (parsed === 'key') throw invalidPublicKey();
  const SSHPublicKey = await change(ctx, async (tx) => {
    const user = await current(tx, named);
    const existing = await listSshKeys(tx, user.id);
    if (existing.some(({ publicKey }) => publicKey === parsed.openSsh)) throw duplicateSshKey();
    if (existing.length >= SSH_PUBLIC_KEYS_PER_USER)
      throw quota('SSHPublicKeysPerUser', SSH_PUBLIC_KEYS_PER_USER);
    const key: SshKey = {
      ...{ id: newId('sshKey'), userId: user.id, status: 'Active', uploadedAt: nowOf(ctx) },
      ...{ publicKey: parsed.openSsh, fingerprint: parsed.fingerprint },
    };
    await insertSshKey(tx, key);
    return whole(key, user, body);
  });
  return { SSHPublicKey };
});

/** The key, when it is this user's. @throws NoSuchEntityException */
async function own(tx: Tx, user: Identity, id = ''): Promise<SshKey> {
  const key = await findSshKey(tx, id);
  if (key?.userId !== user.id) throw noSuchSshKey(id);
  return key;
}

export const getSSHPublicKey = iam('getSSHPublicKey', onUser, async (ctx, input, user) => {
  const key = await own(ctx.db, user, input.SSHPublicKeyId);
  const { publicKey } = key;
  return {
    SSHPublicKey: whole(key, user, input.Encoding === 'PEM' ? pemOf(publicKey) : publicKey),
  };
});

export const listSSHPublicKeys = iam('listSSHPublicKeys', onUser, async (ctx, input, user) => {
  const keyOf = (key: SshKey) => `${key.uploadedAt.getTime()} ${key.id}`;
  const { items, more } = slice(ctx, input, await listSshKeys(ctx.db, user.id), keyOf);
  return { SSHPublicKeys: items.map((key) => metadata(key, user)), ...more };
});

export const updateSSHPublicKey = iam('updateSSHPublicKey', onUser, async (ctx, input, named) => {
  const { Status: status } = input;
  if (status !== 'Active' && status !== 'Inactive')
    throw invalidInput('Status must be Active or Inactive.');
  await change(ctx, async (tx) => {
    const key = await own(tx, await current(tx, named), input.SSHPublicKeyId);
    await setSshKeyStatus(tx, key.id, status);
  });
  return {};
});

export const deleteSSHPublicKey = iam('deleteSSHPublicKey', onUser, async (ctx, input, named) => {
  await change(ctx, async (tx) => {
    const key = await own(tx, await current(tx, named), input.SSHPublicKeyId);
    await deleteSshKey(tx, key.id);
  });
  return {};
});
