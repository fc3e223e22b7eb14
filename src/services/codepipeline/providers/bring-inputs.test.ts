import { expect, test } from 'vitest';
import type { Job } from './action-type.ts';
import { bringInputs } from './bring-inputs.ts';

const job = {
  store: { type: 'S3', location: 'away', encryptionKey: { id: 'key-away', type: 'KMS' } },
  pipeline: { declaration: { roleArn: 'arn:aws:iam::111122223333:role/pipeline' } },
  run: {
    input: {
      region: 'eu-west-1',
      inputArtifacts: [
        { name: 'Near', bucket: 'away', key: 'web/Near/1' },
        { name: 'Far', bucket: 'away', key: 'web/Fär/2', copyOf: 'home' },
      ],
    },
  },
} as unknown as Job;

const { signal } = new AbortController();
const clients = (send: (input: unknown, its?: { abortSignal?: AbortSignal }) => object) =>
  (() => ({
    send: async ({ input }: { input: unknown }, its?: object) => send(input, its),
  })) as unknown as Job['client'];

test('CP-C36: what is of another region is copied, under the key of the store here; nothing else is', async () => {
  const [asked, signals]: [unknown[], unknown[]] = [[], []];
  await bringInputs(
    job,
    clients((input, its) => ({ n: asked.push(input), m: signals.push(its?.abortSignal) })),
    signal,
  );
  // Where the action is abandoned nobody waits for it.
  expect(signals).toEqual([signal]);
  expect(asked).toEqual([
    {
      ...{ Bucket: 'away', Key: 'web/Fär/2', CopySource: 'home/web/F%C3%A4r/2' },
      ...{ ServerSideEncryption: 'aws:kms', SSEKMSKeyId: 'key-away' },
    },
  ]);
});

test('who may not copy is told both buckets and the role; what may pass is tried again', async () => {
  const answers = (name: string, $metadata: object) =>
    bringInputs(
      job,
      clients(() => {
        throw Object.assign(new Error('no'), { name, $metadata });
      }),
      signal,
    );
  await expect(answers('AccessDenied', { httpStatusCode: 403 })).rejects.toMatchObject({
    code: 'PermissionError',
    message: expect.stringMatching(/"home".*"away".*eu-west-1.*role\/pipeline/),
  });
  await expect(answers('SlowDown', { httpStatusCode: 503 })).rejects.toMatchObject({
    name: 'SlowDown',
  });
});
