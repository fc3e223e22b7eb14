import * as codepipeline from '@aws-sdk/client-codepipeline';
import * as kms from '@aws-sdk/client-kms';
import { expect, test } from 'vitest';
import { type Api, apiOf } from '../api.ts';
import { makeOutputCheck } from './output.ts';

const check = makeOutputCheck();
const apis: Record<string, Api> = { codepipeline: apiOf(codepipeline), kms: apiOf(kms) };

/** What the check says of this output, or undefined. */
function saidOf(service: string, operation: string, output: Record<string, unknown>) {
  try {
    check({ api: apis[service] as Api, operation }, output);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^.*does not have: /, '');
  }
}

const artifact = { name: 'source' };
const action = {
  name: 'Source',
  actionTypeId: { category: 'Source', owner: 'AWS', provider: 'CodeCommit', version: '1' },
  outputArtifacts: [artifact],
};
const pipeline = {
  name: 'p',
  roleArn: 'arn:aws:iam::111111111111:role/p',
  stages: [{ name: 'Source', actions: [action] }],
};

test('what its model says is fine, and so is what is left out', () => {
  expect(saidOf('codepipeline', 'GetPipeline', { pipeline })).toBeUndefined();
  expect(saidOf('codepipeline', 'GetPipeline', { pipeline, metadata: undefined })).toBeUndefined();
  expect(saidOf('kms', 'Encrypt', { CiphertextBlob: new Uint8Array(3) })).toBeUndefined();
  expect(saidOf('kms', 'DisableKey', {})).toBeUndefined();
});

test.each<[string, string, Record<string, unknown>, string]>([
  ['codepipeline', 'GetPipeline', { pipeline, arn: 'a' }, 'output.arn is no member'],
  ['kms', 'DisableKey', { KeyId: 'a' }, 'output.KeyId is no member'],
  [
    ...(['codepipeline', 'GetPipeline', { pipeline: { ...pipeline, stages: undefined } }] as const),
    'output.pipeline.stages is missing',
  ],
  [
    ...(['codepipeline', 'GetPipeline', { pipeline: { ...pipeline, version: '1' } }] as const),
    'output.pipeline.version is a string, not a number',
  ],
  [
    ...(['codepipeline', 'GetPipeline', { pipeline: { ...pipeline, stages: {} } }] as const),
    'output.pipeline.stages is Object, not a list',
  ],
  [
    ...(['codepipeline', 'GetPipeline', { metadata: { created: 1 } }] as const),
    'output.metadata.created is a number, not a time',
  ],
  ['kms', 'Encrypt', { CiphertextBlob: 'AAAA' }, 'output.CiphertextBlob is a string, not bytes'],
  ['kms', 'Encrypt', { KeyId: null }, 'output.KeyId is null, not a string'],
  [
    ...(['kms', 'Encrypt', { EncryptionAlgorithm: 'ROT13' }] as const),
    "1 validation error detected: Value 'ROT13' at 'encryptionAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, RSAES_OAEP_SHA_256, SM2PKE]",
  ],
])('%s %s says what is wrong of %j', (service, operation, output, said) => {
  expect(saidOf(service, operation, output)).toBe(said);
});
