import { formatArn, parseArn } from '../../../aws/arn.ts';

/** What a `KeyId` argument names. */
export type KeyReference =
  | { kind: 'key'; keyId: string; accountId: string; region: string }
  | { kind: 'alias'; aliasName: string; accountId: string; region: string };

/** Where a name without an account and region belongs: the caller's. */
export interface Place {
  accountId: string;
  region: string;
}

/** Reads a key id, key ARN, alias name or alias ARN; undefined when the text is none of them. */
export function parseKeyReference(text: string, place: Place): KeyReference | undefined {
  const { accountId, region } = place;
  if (text.startsWith('alias/')) return { kind: 'alias', aliasName: text, accountId, region };
  if (!text.startsWith('arn:')) {
    return isKeyId(text) ? { kind: 'key', keyId: text, accountId, region } : undefined;
  }
  const arn = parseArn(text);
  if (arn?.service !== 'kms') return undefined;
  const owner = { accountId: arn.accountId, region: arn.region };
  if (arn.resource.startsWith('alias/'))
    return { kind: 'alias', aliasName: arn.resource, ...owner };
  const keyId = arn.resource.startsWith('key/') ? arn.resource.slice('key/'.length) : '';
  return isKeyId(keyId) ? { kind: 'key', keyId, ...owner } : undefined;
}

export function keyArn(place: Place, keyId: string): string {
  return formatArn({ service: 'kms', ...place, resource: `key/${keyId}` });
}

export function aliasArn(place: Place, aliasName: string): string {
  return formatArn({ service: 'kms', ...place, resource: aliasName });
}

function isKeyId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
