import type { WebhookDefinition } from '@aws-sdk/client-codepipeline';
import { unsupported } from '../../../aws/errors.ts';
import { isAddressBlock } from '../../../lib/address-block.ts';
import { append } from '../../../lib/append.ts';
import { invalidAuthentication, invalidFilter } from '../errors.ts';
import type { Setting } from './action-type.ts';
import type { JsonPath } from './json-path.ts';
import { parseJsonPath, select } from './json-path.ts';

export interface Filter {
  jsonPath: string;
  matchEquals?: string | undefined;
}

/** A webhook as it was put; the contract has made sure of what must be there. */
export interface Webhook {
  name: string;
  targetPipeline: string;
  targetAction: string;
  filters: Filter[];
  authentication: 'GITHUB_HMAC' | 'IP' | 'UNAUTHENTICATED';
  authenticationConfiguration: {
    SecretToken?: string | undefined;
    AllowedIPRange?: string | undefined;
  };
}

/** @throws InvalidWebhookAuthenticationParametersException, InvalidWebhookFilterPatternException */
export function webhookOf(given: WebhookDefinition): Webhook {
  const webhook = structuredClone(given) as Webhook;
  checkAuthentication(webhook);
  for (const { jsonPath } of webhook.filters) readPath(jsonPath);
  return webhook;
}

/** CP-C45 */
function checkAuthentication({ authentication, authenticationConfiguration: has }: Webhook): void {
  const wanted = { GITHUB_HMAC: 'SecretToken', IP: 'AllowedIPRange', UNAUTHENTICATED: undefined };
  const needed = wanted[authentication];
  const given = Object.entries(has).filter(([, value]) => value !== undefined);
  if (given.length !== (needed ? 1 : 0) || given.some(([name]) => name !== needed))
    throw invalidAuthentication(
      needed
        ? `The authentication ${authentication} needs the property ${needed}, and no other`
        : `The authentication ${authentication} has no properties`,
    );
  const range = has.AllowedIPRange;
  if (range !== undefined && !(range.includes('/') && isAddressBlock(range)))
    throw invalidAuthentication(`The AllowedIPRange '${range}' is not a valid CIDR range`);
}

function readPath(text: string): JsonPath {
  const path = parseJsonPath(text);
  if (!path) throw invalidFilter(`The JSON path '${text}' is not valid`);
  if ('notBuilt' in path)
    throw unsupported(`'${path.notBuilt}' in the JSON path '${text}' of a webhook's filter`);
  return path;
}

/**
 * Do all filters match (CP-C46)? One without `matchEquals` wants that there is something.
 * @param setting of the target action's configuration, without its secrets
 */
export function matches(filters: readonly Filter[], body: unknown, setting: Setting): boolean {
  return filters.every(({ jsonPath, matchEquals }) => {
    const found = select(readPath(jsonPath), body);
    if (matchEquals === undefined) return found.length > 0;
    const wanted = matchEquals.replace(/\{([^{}]+)\}/g, (label, name) => setting(name) ?? label);
    const large = new Set<unknown>();
    return found.some((value) => isText(value, wanted, large));
  });
}

/**
 * Is this the text of a value? What has more parts than the text has letters is not: strangers send these values, within
 * each other so deep that writing each of them out would take all of the stack, or minutes.
 * @param large what is known to have more parts in itself
 */
function isText(value: unknown, text: string, large: Set<unknown>): boolean {
  if (typeof value === 'string') return value === text;
  const parts = [value];
  for (const part of parts) {
    if (large.has(part) || (typeof part === 'string' && part.length > text.length)) return false;
    if (part === null || typeof part !== 'object') continue;
    const inner = Object.values(part);
    if (inner.length > text.length) large.add(part);
    if (parts.length + inner.length > text.length) return false;
    append(parts, inner);
  }
  return JSON.stringify(value) === text;
}
