import type { Filter } from '@aws-sdk/client-secrets-manager';
import { ownValue } from '../../../lib/own.ts';
import type { Secret } from './secret.ts';

type Match = (pattern: string, secret: Secret) => boolean;

/** `name` and tags match from the beginning, case-sensitive; texts word by word, in any case. */
const MATCHES: Record<string, Match> = {
  name: (pattern, { name }) => name.startsWith(pattern),
  'tag-key': (pattern, { tags }) => Object.keys(tags).some((key) => key.startsWith(pattern)),
  'tag-value': (pattern, { tags }) =>
    Object.values(tags).some((value) => value.startsWith(pattern)),
  description: (pattern, { description }) =>
    description !== undefined && hasWords(description, pattern),
  // No secret here is a replica or is managed by another service.
  'primary-region': () => false,
  'owning-service': () => false,
  all: (pattern, { name, description, tags }) =>
    [name, description ?? '', ...Object.entries(tags).flat()].some((text) =>
      hasWords(text, pattern),
    ),
};

/** Whether a secret passes all filters: any value of each, where `!value` means all but that. */
export function matchesFilters(secret: Secret, filters: Filter[] | undefined): boolean {
  return (filters ?? []).every(({ Key = 'all', Values = [] }) => {
    const match = ownValue(MATCHES, Key);
    return Values.some((value) =>
      value.startsWith('!') ? !match?.(value.slice(1), secret) : match?.(value, secret),
    );
  });
}

/** Each word of the pattern starts a word of the text. */
function hasWords(text: string, pattern: string): boolean {
  const words = wordsOf(text);
  return wordsOf(pattern).every((wanted) => words.some((word) => word.startsWith(wanted)));
}

const wordsOf = (text: string) =>
  text
    .toLowerCase()
    .split(/[\s/\-_+=.@]+/)
    .filter(Boolean);
