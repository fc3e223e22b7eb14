import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { json11 } from '../protocols/json.ts';
import { query } from '../protocols/query.ts';
import type { Contract } from './contract.ts';
import { compileContract } from './validate.ts';
import { makeValidator, readContract } from './validator.ts';

const CONTRACTS = join(import.meta.dirname, '..', '..', '..', 'contracts');
const services = readdirSync(CONTRACTS)
  .filter((file) => file.endsWith('.json') && file !== 'source.json')
  .map((file) => file.replace('.json', ''));

const LETTERS: Contract = {
  service: 'letters',
  apiVersion: '2020-01-01',
  operations: { Send: 'SendInput' },
  shapes: {
    SendInput: {
      type: 'structure',
      required: ['Name'],
      members: {
        Name: 'Name',
        Count: 'Count',
        Total: 'Total',
        Color: 'Color',
        Secret: 'Secret',
        Bytes: 'Bytes',
        Names: 'Names',
        Pages: 'Pages',
        Tags: 'Tags',
        Boxes: 'Boxes',
        Parent: 'SendInput',
      },
    },
    Name: { type: 'string', min: 2, max: 5, pattern: '[a-z]*' },
    Count: { type: 'integer', min: 1, max: 9 },
    Total: { type: 'integer', min: 1 },
    Color: { type: 'string', enum: ['RED', 'BLUE'] },
    Secret: { type: 'string', max: 3, sensitive: true },
    Bytes: { type: 'blob', max: 2 },
    Names: { type: 'list', max: 2, member: 'Name' },
    Pages: { type: 'list', member: 'Page' },
    Page: { type: 'structure', required: ['Title'], members: { Text: 'Name' } },
    Tags: { type: 'map', max: 1, key: 'Name', value: 'Secret' },
    Boxes: { type: 'map', value: 'Page' },
  },
};
const validate = compileContract(LETTERS);
const failed = (what: string) => `1 validation error detected: ${what}`;

describe('contract validation', () => {
  it.each([2 ** 31, -(2 ** 32), 1.5])('%s is no integer', (Total) => {
    expect(() => validate('Send', { Name: 'ab', Total })).toThrow(
      expect.objectContaining({ code: 'SerializationException' }),
    );
  });

  it.each([
    [{}, "Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [{ Name: null }, "Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [
      { Name: 'a' },
      "Value 'a' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
    [
      { Name: 'abcdef' },
      "Value 'abcdef' at 'name' failed to satisfy constraint: Member must have length less than or equal to 5",
    ],
    [
      { Name: 'aB' },
      "Value 'aB' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]*",
    ],
    [
      { Name: 'ab\n' },
      "Value 'ab\n' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-z]*",
    ],
    [
      { Name: 'ab', Count: 0 },
      "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { Name: 'ab', Count: 10 },
      "Value '10' at 'count' failed to satisfy constraint: Member must have value less than or equal to 9",
    ],
    [
      { Name: 'ab', Color: 'red' },
      "Value 'red' at 'color' failed to satisfy constraint: Member must satisfy enum value set: [RED, BLUE]",
    ],
    [
      { Name: 'ab', Secret: 'hunter2' },
      "Value at 'secret' failed to satisfy constraint: Member must have length less than or equal to 3",
    ],
    [
      { Name: 'ab', Bytes: new Uint8Array(3) },
      "Value 'java.nio.HeapByteBuffer[pos=0 lim=3 cap=3]' at 'bytes' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    [
      { Name: 'ab', Names: ['ab', 'cd', 'ef'] },
      "Value '[ab, cd, ef]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 2",
    ],
    [
      { Name: 'ab', Names: ['ab', 'c'] },
      "Value '[ab, c]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 5, Member must have length greater than or equal to 2, Member must satisfy regular expression pattern: [a-z]*]",
    ],
    [
      { Name: 'ab', Pages: [{ Title: '' }, { Text: 'ab' }] },
      "Value null at 'pages.2.member.title' failed to satisfy constraint: Member must not be null",
    ],
    [
      { Name: 'ab', Tags: { abc: 'hunter2' } },
      "Value at 'tags' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to 3]",
    ],
    [
      { Name: 'ab', Tags: { A: 'x' } },
      "Value '{A=x}' at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 5, Member must have length greater than or equal to 2, Member must satisfy regular expression pattern: [a-z]*]",
    ],
    [
      { Name: 'ab', Tags: { OAuthToken: 'x' } },
      "Value at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have length less than or equal to 5, Member must have length greater than or equal to 2, Member must satisfy regular expression pattern: [a-z]*]",
    ],
    [
      { Name: 'ab', Names: ['ab', null] },
      "Value null at 'names.2.member' failed to satisfy constraint: Member must not be null",
    ],
    [
      { Name: 'ab', Boxes: { left: null } },
      "Value null at 'boxes.left.member' failed to satisfy constraint: Member must not be null",
    ],
    [
      { Name: 'ab', Boxes: { left: {} } },
      "Value null at 'boxes.left.member.title' failed to satisfy constraint: Member must not be null",
    ],
    [
      { Name: 'ab', Parent: { Count: 1 } },
      "Value null at 'parent.name' failed to satisfy constraint: Member must not be null",
    ],
  ])('CP-A42: %j', (input, what) => {
    expect(validate('Send', input)).toBe(failed(what));
  });

  it('CP-A42: counts and joins what it finds', () => {
    expect(validate('Send', { Count: 0 })).toBe(
      "2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; " +
        "Value '0' at 'count' failed to satisfy constraint: Member must have value greater than or equal to 1",
    );
  });

  it('ignores unknown members and operations without constraints', () => {
    expect(validate('Send', { Name: 'ab', Whatever: 1 })).toBeUndefined();
    expect(validate('Other', {})).toBeUndefined();
  });

  it('CP-A42: names the members of the real CodePipeline by their paths', () => {
    const codepipeline = compileContract(readContract(CONTRACTS, 'codepipeline'));
    const actionTypeId = { category: 'Source', owner: 'AWS', provider: 'S3', version: '1' };
    const stage = (name: string, configuration: object) => ({
      name,
      actions: [{ name, actionTypeId, configuration }],
    });
    const pipeline = {
      name: 'web',
      roleArn: 'arn:aws:iam::111111111111:role/pipeline',
      stages: [stage('Source', { a: 'x' }), stage('Build', { b: '' })],
    };
    expect(codepipeline('CreatePipeline', { pipeline })).toBe(
      failed(
        "Value at 'pipeline.stages.2.member.actions.1.member.configuration' failed to satisfy constraint: Map value " +
          'must satisfy constraint: [Member must have length less than or equal to 50000, Member must have length greater than or equal to 1]',
      ),
    );
  });

  it.each(services)(
    'every shape and pattern of %s compiles, and any input gets an answer',
    (service) => {
      const contract = readContract(CONTRACTS, service);
      const check = compileContract(contract);
      for (const operation of Object.keys(contract.operations)) check(operation, {});
      const all = compileContract({
        ...contract,
        operations: Object.fromEntries(Object.keys(contract.shapes).map((s) => [s, s])),
      });
      for (const shape of Object.keys(contract.shapes)) {
        for (const odd of [null, '', 'x', 0, true, [], [null], {}, { x: null }, new Date(0)]) {
          const message = all(shape, odd);
          expect(
            message === undefined || /^\d+ validation errors? detected: Value/.test(message),
          ).toBe(true);
        }
      }
    },
  );

  it('answers anything that JSON can hold without an exception', () => {
    const codepipeline = compileContract(readContract(CONTRACTS, 'codepipeline'));
    fc.assert(
      fc.property(fc.anything({ maxDepth: 4 }), (pipeline) => {
        codepipeline('CreatePipeline', { pipeline });
      }),
    );
  });

  it('accepts exactly the lengths between the limits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{0,8}$/), (Name) => {
        expect(validate('Send', { Name }) === undefined).toBe(Name.length >= 2 && Name.length <= 5);
      }),
    );
  });

  it.each([
    ['codepipeline', json11, 'GetPipeline', undefined, 'ValidationException'],
    ['logs', json11, 'CreateLogGroup', 'InvalidParameterException', 'InvalidParameterException'],
    ['iam', query, 'GetRole', undefined, 'ValidationError'],
  ])('%s answers under its own error code', (name, protocol, operation, validation, code) => {
    expect(
      makeValidator()({ name, protocols: [protocol], validation }, operation, {}),
    ).toMatchObject({ code, status: 400 });
  });

  it('leaves alone the services that validate themselves', () => {
    const api = { name: 'codecommit', protocols: [json11], validation: 'self' } as const;
    expect(makeValidator()(api, 'GetRepository', {})).toBeUndefined();
  });
});
