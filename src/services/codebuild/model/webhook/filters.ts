import type { WebhookFilter } from '@aws-sdk/client-codebuild';
import { compileLinear } from '../../../../lib/linear-pattern.ts';
import { ownValue } from '../../../../lib/own.ts';
import type { ForgeEvent } from './told.ts';

/** States of a pattern's automaton: what one character of a text may cost. */
const MOST_STATES = 5000;
/** What all patterns of a webhook may cost a text. */
const MOST_TEXT = 65_536;

export const compilePattern = (pattern: string) => compileLinear(pattern, MOST_STATES);

/** What is only looked up where a filter asks for it: by git, where the forge did not say it. */
export interface Lookup {
  paths(): Promise<string[]>;
  message(): Promise<string>;
}

/** Without filters all pushes, and pull requests that are open. */
const ALL = ['PUSH', 'PULL_REQUEST_CREATED', 'PULL_REQUEST_UPDATED', 'PULL_REQUEST_REOPENED'];

export interface Filters {
  branchFilter?: string | undefined;
  filterGroups?: WebhookFilter[][] | undefined;
}

/** Does a webhook want an event: all filters of one of its groups (CB-I1, CB-I2)? */
export async function wants(
  { branchFilter, filterGroups = [] }: Filters,
  event: ForgeEvent,
  lookup: Lookup,
): Promise<boolean> {
  if (filterGroups.length === 0) {
    const branch = event.headRef.replace(/^refs\/heads\//, '');
    return ALL.includes(event.event) && (!branchFilter || matches(branchFilter, [branch]));
  }
  for (const group of filterGroups) if (await all(group, event, lookup)) return true;
  return false;
}

async function all(group: WebhookFilter[], event: ForgeEvent, lookup: Lookup): Promise<boolean> {
  // What costs nothing to know first.
  const ordered = group.toSorted((a, b) => Number(isLookedUp(a)) - Number(isLookedUp(b)));
  for (const filter of ordered) if (!(await passes(filter, event, lookup))) return false;
  return true;
}

const isLookedUp = ({ type }: WebhookFilter) => type === 'FILE_PATH' || type === 'COMMIT_MESSAGE';

async function passes(filter: WebhookFilter, event: ForgeEvent, lookup: Lookup): Promise<boolean> {
  const { type, pattern = '', excludeMatchedPattern = false } = filter;
  const matched =
    type === 'EVENT'
      ? eventsOf(pattern).includes(event.event)
      : matches(pattern, await textsOf(type, event, lookup));
  return matched !== excludeMatchedPattern;
}

/** `PUSH, PULL_REQUEST_CREATED` */
export const eventsOf = (pattern: string): string[] => pattern.split(',').map((one) => one.trim());

async function textsOf(
  type: WebhookFilter['type'],
  event: ForgeEvent,
  lookup: Lookup,
): Promise<string[]> {
  const [organization = ''] = event.repository.split('/');
  const known: Record<string, string | undefined> = {
    ACTOR_ACCOUNT_ID: event.actor.id,
    HEAD_REF: event.headRef,
    BASE_REF: event.baseRef,
    TAG_NAME: event.release?.tag,
    RELEASE_NAME: event.release?.name,
    REPOSITORY_NAME: event.repository.split('/').at(-1),
    ORGANIZATION_NAME: organization,
  };
  if (type === 'FILE_PATH') return event.paths ?? (await lookup.paths());
  if (type === 'COMMIT_MESSAGE') return [event.message ?? (await lookup.message())];
  const text = ownValue(known, type ?? '');
  return text === undefined ? [] : [text];
}

function matches(pattern: string, texts: readonly string[]): boolean {
  const compiled = compilePattern(pattern);
  return texts.some((text) => compiled.test(text.slice(0, MOST_TEXT)));
}
