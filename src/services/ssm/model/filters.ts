import type { ParameterStringFilter } from '@aws-sdk/client-ssm';
import {
  invalidFilterKey,
  invalidFilterOption,
  invalidFilterValue,
  validation,
} from '../errors.ts';
import { isBelow } from './name.ts';
import type { Parameter } from './parameter.ts';

type Predicate = (parameter: Parameter) => boolean;

const TYPES = ['String', 'StringList', 'SecureString'];
const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'];

/**
 * What a list of ParameterFilters selects. All filters have to match, any value of each.
 * @param by what call they came with: each takes other keys
 * @throws InvalidFilterKey InvalidFilterOption InvalidFilterValue ValidationException
 */
export function parseFilters(
  filters: ParameterStringFilter[] | undefined,
  by: 'describe' | 'path',
): Predicate {
  const keys = (filters ?? []).map((filter) => filter.Key ?? '');
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated !== undefined) {
    throw invalidFilterKey(
      `The following filter is duplicated in the request: ${repeated}. A request can contain only one occurrence of a specific filter.`,
    );
  }
  const predicates = (filters ?? []).map((filter) => parseFilter(filter, by));
  return (parameter) => predicates.every((predicate) => predicate(parameter));
}

function parseFilter(filter: ParameterStringFilter, by: 'describe' | 'path'): Predicate {
  const { Key: key = '', Values: values = [] } = filter;
  const valid =
    by === 'path'
      ? ['Type', 'KeyId', 'Label']
      : ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType'];
  if (!valid.includes(key) && !(by === 'describe' && key.startsWith('tag:'))) {
    throw invalidFilterKey(
      `The following filter key is not valid: ${key}. Valid filter keys include: [${valid.join(', ')}].`,
    );
  }
  if (key.startsWith('tag:')) return tagFilter(key.slice(4), values);
  if (values.length === 0) {
    throw invalidFilterValue(
      `The following filter values are missing : null for filter key ${key}.`,
    );
  }
  if (key === 'Path') return pathFilter(filter.Option ?? 'OneLevel', values);
  checkValues(key, values);
  const matches = matcherOf(filter.Option ?? 'Equals', key === 'Name');
  return (parameter) =>
    valuesOf(parameter, key).some((actual) => values.some((wanted) => matches(actual, wanted)));
}

function valuesOf(parameter: Parameter, key: string): string[] {
  if (key === 'Label') return parameter.labels;
  // `x` and `/x` are the same to a filter by name.
  if (key === 'Name') return [...new Set([parameter.name, parameter.name.replace(/^\//, '')])];
  const value = {
    Type: parameter.type,
    KeyId: parameter.keyId,
    Tier: parameter.tier,
    DataType: parameter.dataType,
  }[key];
  return value === undefined ? [] : [value];
}

function tagFilter(tag: string, values: string[]): Predicate {
  return ({ tags }) =>
    Object.hasOwn(tags, tag) && (values.length === 0 || values.includes(tags[tag] ?? ''));
}

function pathFilter(option: string, values: string[]): Predicate {
  if (option !== 'OneLevel' && option !== 'Recursive') {
    throw invalidFilterOption(
      `The following filter option is not valid: ${option}. Valid options include: [Recursive, OneLevel].`,
    );
  }
  for (const value of values) {
    if (!/^\/[a-zA-Z0-9_.\-/]*$/.test(value) || value.includes('//')) throw validation(BAD_PATH);
  }
  return ({ name }) =>
    name.startsWith('/') && values.some((path) => isBelow(name, path, option === 'Recursive'));
}

export const BAD_PATH =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
  'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following ' +
  'symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, ' +
  'must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.';

function checkValues(key: string, values: string[]): void {
  const known = { Type: TYPES, Tier: TIERS }[key];
  const odd = known && values.find((value) => !known.includes(value));
  if (odd !== undefined) {
    throw invalidFilterOption(
      `The following filter value is not valid: ${odd}. Valid values include: [${known?.join(', ')}].`,
    );
  }
}

function matcherOf(option: string, contains: boolean): (actual: string, wanted: string) => boolean {
  if (option === 'Equals') return (actual, wanted) => actual === wanted;
  if (option === 'BeginsWith') return (actual, wanted) => actual.startsWith(wanted);
  if (option === 'Contains' && contains) return (actual, wanted) => actual.includes(wanted);
  throw invalidFilterOption(
    `The following filter option is not valid: ${option}. Valid options include: [BeginsWith, Equals].`,
  );
}
