import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf, type Told } from './event-record.ts';
import { type Notification, overlap, wanting } from './notification.ts';

const notification = (more: Partial<Notification> = {}): Notification => ({
  ...{ id: 'n', kind: 'queue', arn: 'arn:aws:sqs:us-east-1:111122223333:q' },
  events: ['s3:ObjectCreated:*'],
  ...more,
});

describe('which notifications want what', () => {
  it.each([
    [{}, 'ObjectCreated:Put', 'a', true],
    [{}, 'ObjectCreated:CompleteMultipartUpload', 'a', true],
    [{}, 'ObjectRemoved:Delete', 'a', false],
    [{ events: ['s3:ObjectCreated:Copy'] }, 'ObjectCreated:Put', 'a', false],
    [{ events: ['s3:ObjectRemoved:*'] }, 'ObjectRemoved:DeleteMarkerCreated', 'a', true],
    [{ prefix: 'images/' }, 'ObjectCreated:Put', 'images/a', true],
    [{ prefix: 'images/' }, 'ObjectCreated:Put', 'Images/a', false],
    [{ prefix: 'images/', suffix: '.jpg' }, 'ObjectCreated:Put', 'images/a.jpg', true],
    [{ prefix: 'images/', suffix: '.jpg' }, 'ObjectCreated:Put', 'images/a.png', false],
  ] as const)('%j %s of %s: %s', (more, happening, key, expected) => {
    const [found] = wanting([notification(more as Partial<Notification>)], happening, key);
    expect(found !== undefined).toBe(expected);
  });

  it('those that do not overlap never want the same', () => {
    const filter = fc.option(fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 }), {
      nil: undefined,
    });
    const events = fc.subarray(
      ['s3:ObjectCreated:*', 's3:ObjectCreated:Put', 's3:ObjectRemoved:*', 's3:ObjectCreated:Copy'],
      { minLength: 1 },
    );
    const any = fc.record({ events, prefix: filter, suffix: filter }).map(notification);
    const key = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    const happening = fc.constantFrom(
      'ObjectCreated:Put' as const,
      'ObjectCreated:Copy' as const,
      'ObjectRemoved:Delete' as const,
    );
    fc.assert(
      fc.property(any, any, happening, key, (a, b, what, name) => {
        if (wanting([a, b], what, name).length === 2) expect(overlap(a, b)).toBeDefined();
        expect(overlap(a, b)).toBe(overlap(b, a));
      }),
    );
  });
});

describe('the message', () => {
  const told: Told = {
    happening: 'ObjectCreated:Put',
    at: new Date('1970-01-01T00:00:00.000Z'),
    bucket: { name: 'mybucket', region: 'us-west-2', ownerId: 'A3NL1KOZZKExample' },
    object: { key: 'k', size: 1024, etag: 'd41d', sequencer: '0055AED6DCD90281E5' },
    request: { id: 'C3D1', hostId: 'FMyU', principalId: 'AIDAJDPLRKLG7', sourceIp: '127.0.0.1' },
  };

  it("has the members of AWS's sample", () => {
    expect(recordsOf({ ...told, object: { ...told.object, versionId: '096f' } }, 'rule')).toEqual({
      Records: [
        {
          eventVersion: '2.1',
          eventSource: 'aws:s3',
          awsRegion: 'us-west-2',
          eventTime: '1970-01-01T00:00:00.000Z',
          eventName: 'ObjectCreated:Put',
          userIdentity: { principalId: 'AWS:AIDAJDPLRKLG7' },
          requestParameters: { sourceIPAddress: '127.0.0.1' },
          responseElements: { 'x-amz-request-id': 'C3D1', 'x-amz-id-2': 'FMyU' },
          s3: {
            s3SchemaVersion: '1.0',
            configurationId: 'rule',
            bucket: {
              name: 'mybucket',
              ownerIdentity: { principalId: 'A3NL1KOZZKExample' },
              arn: 'arn:aws:s3:::mybucket',
            },
            object: {
              key: 'k',
              size: 1024,
              eTag: 'd41d',
              versionId: '096f',
              sequencer: '0055AED6DCD90281E5',
            },
          },
        },
      ],
    });
  });

  it.each([
    ['red flower.jpg', 'red+flower.jpg'],
    ['a/b=c&d', 'a/b%3Dc%26d'],
    ['ä+1', '%C3%A4%2B1'],
    ["it's(1)!*~", 'it%27s%281%29%21*%7E'],
    ['\ud800', '%EF%BF%BD'],
  ])('the key %s is %s', (key, expected) => {
    const [record] = recordsOf({ ...told, object: { key } }, 'rule').Records;
    expect(record?.s3.object).toEqual({ key: expected });
  });
});
