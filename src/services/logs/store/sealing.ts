import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Vault } from '../../../lib/vault.ts';
import type { GroupRow } from './tables.ts';

const IV_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** A new data key for a group, as its row keeps it. */
export function makeDataKey(vault: Vault, groupId: string): string {
  return vault.seal(randomBytes(KEY_BYTES), `logs-group/${groupId}`);
}

/** The group's data key; undefined before the first event is put. */
export function dataKeyOf(
  { vault }: { vault: Vault },
  { id, data_key }: Pick<GroupRow, 'id' | 'data_key'>,
): Buffer | undefined {
  return data_key === null ? undefined : vault.open(data_key, `logs-group/${id}`);
}

/** AES-256-GCM under the group's key; opens only as the chunk of that id. */
export function sealChunk(key: Buffer, chunkId: string, packed: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(chunkId));
  const body = Buffer.concat([cipher.update(packed), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]);
}

/** @throws Error when it was changed, or is another chunk or another group's */
export function openChunk(key: Buffer, chunkId: string, sealed: Uint8Array): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, IV_BYTES), {
    // Without its length a shortened tag would pass.
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(chunkId))
    .setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const body = decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES));
  return Buffer.concat([body, decipher.final()]);
}
