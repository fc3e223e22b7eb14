import { TagResourceRequest$ } from '@aws-sdk/client-cloudwatch-logs';
import { StartBuildInput$ } from '@aws-sdk/client-codebuild';
import { CreateApplicationInput$, ListDeploymentsInput$ } from '@aws-sdk/client-codedeploy';
import type { SchemaRef } from '@smithy/types';
import { expect, test } from 'vitest';
import { checkTypes as check, type Nulls, noCheckers, type ValueForm } from './check-types.ts';

const JSON_FORM: ValueForm = { checkers: noCheckers(), jsonNames: false, binary: false };
const checkTypes = (schema: SchemaRef, value: unknown, nulls: Nulls) =>
  check(schema, value, nulls, JSON_FORM);

test.each([
  ['a number for a string', { projectName: 1 }, 'NUMBER_VALUE can not be converted to a String'],
  ['a list for a string', { projectName: [] }, 'START_ARRAY can not be converted to a String'],
  ['an object for a string', { projectName: {} }, 'START_OBJECT can not be converted to a String'],
  [
    'a string for a boolean',
    { privilegedModeOverride: 'yes' },
    'STRING_VALUE can not be converted to a Boolean',
  ],
  [
    'a boolean for a number',
    { timeoutInMinutesOverride: true },
    'TRUE_VALUE can not be converted to a number',
  ],
  [
    'an object for a list',
    { environmentVariablesOverride: {} },
    'START_OBJECT can not be converted to a list',
  ],
  [
    'a wrong member deep down',
    { environmentVariablesOverride: [{ name: 'A', value: 'B' }, { name: 2 }] },
    'NUMBER_VALUE can not be converted to a String',
  ],
  ['a list for the input itself', [], 'START_ARRAY can not be converted to an object'],
])('%s is a SerializationException', (_name, input, message) => {
  expect(() => checkTypes(StartBuildInput$, input, 'left')).toThrow(
    expect.objectContaining({ code: 'SerializationException', message }),
  );
});

test('a time that no date can hold is a SerializationException', () => {
  const between = (end: number) => ({ createTimeRange: { start: 0, end } });
  checkTypes(ListDeploymentsInput$, between(8.64e12), 'refused');
  expect(() => checkTypes(ListDeploymentsInput$, between(8.65e12), 'refused')).toThrow(
    expect.objectContaining({ code: 'SerializationException' }),
  );
});

test('a member that is null is a member that is not there; members that nobody knows are ignored', () => {
  checkTypes(StartBuildInput$, { projectName: null, noSuchMember: [1] }, 'refused');
});

test('nulls in lists and maps are refused where the service would meet them, and left to a contract that has words for them', () => {
  const inList = { applicationName: 'web', tags: [{ Key: 'a' }, null] };
  expect(() => checkTypes(CreateApplicationInput$, inList, 'refused')).toThrow(
    expect.objectContaining({ code: 'SerializationException' }),
  );
  checkTypes(TagResourceRequest$, { resourceArn: 'arn', tags: { a: null } }, 'left');
});

test('a list of plain texts is one schema to all APIs, and each has its own answer to a null in it', () => {
  const TEXTS = 64 | 0;
  checkTypes(TEXTS, [null], 'left');
  expect(() => checkTypes(TEXTS, [null], 'refused')).toThrow('VALUE_NULL');
  checkTypes(TEXTS, [null], 'left');
});
