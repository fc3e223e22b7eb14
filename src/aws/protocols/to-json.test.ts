import * as logs from '@aws-sdk/client-cloudwatch-logs';
import * as codebuild from '@aws-sdk/client-codebuild';
import * as codecommit from '@aws-sdk/client-codecommit';
import * as codepipeline from '@aws-sdk/client-codepipeline';
import { JsonCodec2 } from '@smithy/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { apiOf } from '../api.ts';
import { toJson } from './to-json.ts';

const DEPTH = 5;
const EPOCH_SECONDS = 7 as const;
const sdk = new JsonCodec2({
  timestampFormat: { default: EPOCH_SECONDS, useTrait: false },
  jsonName: false,
});

/** Values of a schema, as an operation would return them; below `depth` nothing is there. */
function valuesOf(schema: NormalizedSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.isStructSchema()) {
    if (depth === 0) return fc.constant({});
    const members = Object.entries(schema.getMemberSchemas()).map(([name, member]) => [
      name,
      fc.option(valuesOf(member, depth - 1), { nil: undefined }),
    ]);
    return fc.record(Object.fromEntries(members));
  }
  if (schema.isListSchema())
    return depth === 0
      ? fc.constant([])
      : fc.array(valuesOf(schema.getValueSchema(), depth - 1), { maxLength: 3 });
  if (schema.isMapSchema())
    return depth === 0
      ? fc.constant({})
      : fc.dictionary(fc.string(), valuesOf(schema.getValueSchema(), depth - 1), {
          maxKeys: 3,
          noNullPrototype: true,
        });
  if (schema.isTimestampSchema()) return fc.date({ noInvalidDate: true });
  if (schema.isBlobSchema()) return fc.uint8Array({ maxLength: 10 });
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isNumericSchema()) return fc.integer();
  return fc.string();
}

function bySdk(schema: unknown, value: unknown): unknown {
  const serializer = sdk.createSerializer();
  serializer.write(schema as never, value);
  const { buffer, byteOffset, byteLength } = serializer.flush() as Uint8Array;
  return JSON.parse(Buffer.from(buffer, byteOffset, byteLength).toString());
}

test.each([
  ['GetPipeline', codepipeline],
  ['GetPipelineState', codepipeline],
  ['ListActionExecutions', codepipeline],
  ['BatchGetBuilds', codebuild],
  ['GetFile', codecommit],
  ['FilterLogEvents', logs],
] as const)('%s: what the SDK’s own serializer writes', (operation, client) => {
  const schema = apiOf(client).operations[operation]?.[5];
  fc.assert(
    fc.property(valuesOf(NormalizedSchema.of(schema as never), DEPTH), (value) => {
      expect(JSON.parse(JSON.stringify(toJson(schema, value)))).toEqual(bySdk(schema, value));
    }),
    { numRuns: 50 },
  );
});

test('members that the schema does not know stay inside', () => {
  const schema = apiOf(codecommit).operations.GetBlob?.[5];
  expect(toJson(schema, { content: Buffer.from('a'), secret: 1 })).toEqual({ content: 'YQ==' });
});
