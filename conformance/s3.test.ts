import { createHash, randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateUserCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { CreateKeyCommand, DisableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import * as s3 from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from './server.ts';

let server: TestServer;
let client: s3.S3Client;

beforeAll(async () => {
  server = await startServer();
  client = new s3.S3Client({ ...server.client, forcePathStyle: true });
});

afterAll(async () => {
  client?.destroy();
  await server?.stop();
});

let buckets = 0;
async function bucket(): Promise<string> {
  const Bucket = `conformance-${++buckets}`;
  await client.send(new s3.CreateBucketCommand({ Bucket }));
  return Bucket;
}

const put = (
  Bucket: string,
  Key: string,
  Body: s3.PutObjectCommandInput['Body'] = Key,
  more = {},
) => client.send(new s3.PutObjectCommand({ Bucket, Key, Body, ...more }));
const get = async (Bucket: string, Key: string, more = {}) => {
  const { Body, ...rest } = await client.send(new s3.GetObjectCommand({ Bucket, Key, ...more }));
  return { ...rest, bytes: Buffer.from((await Body?.transformToByteArray()) ?? []) };
};
/** Name and status of the error that a call ends with. */
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (e) => e,
  );
  return error && `${error.name} ${error.$metadata?.httpStatusCode}`;
};

/** A user of its own who may do this and nothing else. */
async function clientOf(userName: string, statements: object[]): Promise<s3.S3Client> {
  const iam = new IAMClient(server.client);
  await iam.send(new CreateUserCommand({ UserName: userName }));
  const document = {
    Version: '2012-10-17',
    Statement: statements.map((s) => ({ Effect: 'Allow', ...s })),
  };
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: userName, PolicyDocument: JSON.stringify(document) }),
  );
  await iam.send(new AttachUserPolicyCommand({ UserName: userName, PolicyArn: Policy?.Arn }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  const credentials = {
    accessKeyId: AccessKey?.AccessKeyId ?? '',
    secretAccessKey: AccessKey?.SecretAccessKey ?? '',
  };
  return new s3.S3Client({ ...server.client, credentials, forcePathStyle: true });
}

describe('buckets', () => {
  test('are made in their region, once, and go when they are empty', async () => {
    const Bucket = await bucket();
    await client.send(new s3.CreateBucketCommand({ Bucket }));
    const eu = { LocationConstraint: 'eu-west-1' } as const;
    await client.send(
      new s3.CreateBucketCommand({ Bucket: 'in-europe', CreateBucketConfiguration: eu }),
    );
    const again = client.send(
      new s3.CreateBucketCommand({ Bucket: 'in-europe', CreateBucketConfiguration: eu }),
    );
    expect(await failure(again)).toBe('BucketAlreadyOwnedByYou 409');
    const where = (Bucket: string) => client.send(new s3.GetBucketLocationCommand({ Bucket }));
    expect((await where(Bucket)).LocationConstraint).toBeUndefined();
    expect((await where('in-europe')).LocationConstraint).toBe('eu-west-1');
    expect(await failure(client.send(new s3.CreateBucketCommand({ Bucket: 'No_Bucket' })))).toBe(
      'InvalidBucketName 400',
    );
    await put(Bucket, 'x');
    expect(await failure(client.send(new s3.DeleteBucketCommand({ Bucket })))).toBe(
      'BucketNotEmpty 409',
    );
    await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'x' }));
    await client.send(new s3.DeleteBucketCommand({ Bucket }));
    expect(await failure(client.send(new s3.HeadBucketCommand({ Bucket })))).toBe('NotFound 404');
    expect(await failure(get(Bucket, 'x'))).toBe('NoSuchBucket 404');
  });

  test('what is not there is said to be not there, what is not built is refused', async () => {
    const Bucket = await bucket();
    expect(await failure(client.send(new s3.GetBucketPolicyCommand({ Bucket })))).toBe(
      'NoSuchBucketPolicy 404',
    );
    const policy = client.send(new s3.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: {} }));
    expect(await failure(policy)).toBe('NotImplemented 501');
    const acl = client.send(new s3.PutBucketAclCommand({ Bucket, ACL: 'public-read' }));
    expect(await failure(acl)).toBe('AccessControlListNotSupported 400');
  });
});

describe('objects', () => {
  test('come back as they were put, whatever their key', async () => {
    const Bucket = await bucket();
    const keys = [
      '../up',
      'a/../../b',
      '/lead',
      'a//b',
      '.',
      '..',
      'sp ace+%20',
      'new\nline',
      'ü😀',
      'x'.repeat(1024),
    ];
    for (const key of keys)
      await put(Bucket, key, `content of ${key}`, { ContentType: 'text/x', Metadata: { k: 'v' } });
    for (const key of keys) {
      const found = await get(Bucket, key);
      expect(found.bytes.toString()).toBe(`content of ${key}`);
      expect(found).toMatchObject({
        ContentType: 'text/x',
        Metadata: { k: 'v' },
        ServerSideEncryption: 'AES256',
      });
      expect(found.ETag).toBe(`"${createHash('md5').update(`content of ${key}`).digest('hex')}"`);
    }
    const listed = await client.send(new s3.ListObjectsV2Command({ Bucket, EncodingType: 'url' }));
    const other = { Bucket, EncodingType: 'gzip' as 'url' };
    for (const command of [new s3.ListObjectsCommand(other), new s3.ListObjectsV2Command(other)])
      await expect(client.send(command)).rejects.toMatchObject({ name: 'InvalidArgument' });
    const names = listed.Contents?.map((o) => decodeURIComponent(o.Key ?? ''));
    expect(names).toEqual([...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    expect(await failure(put(Bucket, 'x'.repeat(1025)))).toBe('KeyTooLongError 400');
  });

  test('ranges, conditions and overrides', async () => {
    const Bucket = await bucket();
    const { ETag } = await put(Bucket, 'k', '0123456789');
    expect(await get(Bucket, 'k', { Range: 'bytes=2-4' })).toMatchObject({
      bytes: Buffer.from('234'),
      ContentRange: 'bytes 2-4/10',
      ContentLength: 3,
    });
    expect((await get(Bucket, 'k', { Range: 'bytes=-2' })).bytes.toString()).toBe('89');
    expect(await failure(get(Bucket, 'k', { Range: 'bytes=10-' }))).toBe('InvalidRange 416');
    expect(await failure(get(Bucket, 'k', { IfNoneMatch: ETag }))).toMatch(/304$/);
    expect(await failure(get(Bucket, 'k', { IfMatch: '"other"' }))).toBe('PreconditionFailed 412');
    expect(await failure(put(Bucket, 'k', 'x', { IfNoneMatch: '*' }))).toBe(
      'PreconditionFailed 412',
    );
    expect(await failure(put(Bucket, 'k', 'x', { IfMatch: '"other"' }))).toBe(
      'PreconditionFailed 412',
    );
    await put(Bucket, 'k', 'new', { IfMatch: ETag });
    expect(await get(Bucket, 'k', { ResponseContentType: 'text/y' })).toMatchObject({
      ContentType: 'text/y',
    });
    expect(await failure(get(Bucket, 'none'))).toBe('NoSuchKey 404');
    expect(await failure(client.send(new s3.HeadObjectCommand({ Bucket, Key: 'none' })))).toBe(
      'NotFound 404',
    );
  });

  test('of which two writers at once make one, the other is told', async () => {
    const Bucket = await bucket();
    const outcomes = await Promise.allSettled(
      [1, 2, 3, 4].map((n) => put(Bucket, 'lock', `${n}`, { IfNoneMatch: '*' })),
    );
    expect(outcomes.filter((o) => o.status === 'fulfilled')).toHaveLength(1);
  });

  test('with a wrong checksum leave nothing, and the server lives', async () => {
    const Bucket = await bucket();
    const wrong = createHash('md5').update('other').digest('base64');
    expect(await failure(put(Bucket, 'bad', 'content', { ContentMD5: wrong }))).toBe(
      'BadDigest 400',
    );
    expect(
      await failure(
        put(Bucket, 'bad', 'content', { ChecksumSHA256: randomBytes(32).toString('base64') }),
      ),
    ).toBe('BadDigest 400');
    expect(await failure(get(Bucket, 'bad'))).toBe('NoSuchKey 404');
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    'keep their %s checksum',
    async (algorithm) => {
      const Bucket = await bucket();
      const stored = await put(Bucket, 'k', 'abc', { ChecksumAlgorithm: algorithm });
      const read = await get(Bucket, 'k', { ChecksumMode: 'ENABLED' });
      expect(read[`Checksum${algorithm}`]).toBe(stored[`Checksum${algorithm}`]);
      expect(read[`Checksum${algorithm}`]).toBeTruthy();
    },
  );

  test('a refused upload answers although the client is still sending', async () => {
    const chunk = Buffer.alloc(1024 * 1024);
    const body = Readable.from(
      (function* () {
        for (let i = 0; i < 64; i++) yield chunk;
      })(),
    );
    const upload = put('no-such-bucket', 'k', body, { ContentLength: 64 * chunk.length });
    expect(await failure(upload)).toBe('NoSuchBucket 404');
  });

  test('copies take content, metadata and tags, and re-encrypt', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'from +ü', 'body', { Metadata: { a: 'b' }, Tagging: 't=1' });
    const CopySource = `${Bucket}/${encodeURIComponent('from +ü')}`;
    await client.send(
      new s3.CopyObjectCommand({ Bucket, Key: 'to', CopySource, ServerSideEncryption: 'aws:kms' }),
    );
    expect(await get(Bucket, 'to')).toMatchObject({
      bytes: Buffer.from('body'),
      Metadata: { a: 'b' },
      TagCount: 1,
      ServerSideEncryption: 'aws:kms',
    });
    const self = client.send(new s3.CopyObjectCommand({ Bucket, Key: 'from +ü', CopySource }));
    expect(await failure(self)).toBe('InvalidRequest 400');
  });
});

describe('lists', () => {
  test('page through keys and common prefixes without loss or repeat, V2 and V1 alike', async () => {
    const Bucket = await bucket();
    const keys = ['a', 'a/', 'a/b', 'a/c', 'b', 'c/d/e', 'c/d/f', 'c/g', 'd'];
    await Promise.all(keys.map((key) => put(Bucket, key)));
    for (const MaxKeys of [1, 2, 3, 1000]) {
      const v2: string[] = [];
      for await (const page of s3.paginateListObjectsV2(
        { client },
        { Bucket, Delimiter: '/', MaxKeys },
      )) {
        v2.push(...namesOf(page));
      }
      expect(v2.sort()).toEqual(['a', 'a/', 'b', 'c/', 'd']);
      const v1: string[] = [];
      let Marker: string | undefined;
      do {
        const page: s3.ListObjectsCommandOutput = await client.send(
          new s3.ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys, Marker }),
        );
        v1.push(...namesOf(page));
        Marker = page.IsTruncated ? page.NextMarker : undefined;
      } while (Marker);
      expect(v1.sort()).toEqual(['a', 'a/', 'b', 'c/', 'd']);
    }
    const within = await client.send(
      new s3.ListObjectsV2Command({ Bucket, Prefix: 'c/', Delimiter: '/' }),
    );
    expect(namesOf(within)).toEqual(['c/g', 'c/d/']);
    const after = await client.send(new s3.ListObjectsV2Command({ Bucket, StartAfter: 'c/d/e' }));
    expect(namesOf(after)).toEqual(['c/d/f', 'c/g', 'd']);
    const forged = client.send(
      new s3.ListObjectsV2Command({ Bucket, ContinuationToken: 'forged' }),
    );
    expect(await failure(forged)).toBe('InvalidArgument 400');
  });
});

function namesOf(
  page: Pick<s3.ListObjectsV2CommandOutput, 'Contents' | 'CommonPrefixes'>,
): string[] {
  return [
    ...(page.Contents ?? []).map((o) => o.Key ?? ''),
    ...(page.CommonPrefixes ?? []).map((p) => p.Prefix ?? ''),
  ];
}

describe('page sizes that are none', () => {
  const upload = async () => {
    const input = { Bucket: await bucket(), Key: 'big' };
    const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(input));
    return { ...input, UploadId };
  };

  test.each([
    ['ListObjectsV2', (i) => new s3.ListObjectsV2Command({ ...i, MaxKeys: -1 })],
    ['ListMultipartUploads', (i) => new s3.ListMultipartUploadsCommand({ ...i, MaxUploads: -1 })],
    ['ListParts', (i) => new s3.ListPartsCommand({ ...i, MaxParts: 2 ** 31 })],
    ['ListParts’ marker', (i) => new s3.ListPartsCommand({ ...i, PartNumberMarker: 'x' })],
    ['ListBuckets', () => new s3.ListBucketsCommand({ MaxBuckets: 0 })],
  ] as [string, (input: Awaited<ReturnType<typeof upload>>) => s3.ListPartsCommand][])(
    'are refused: %s',
    async (_name, command) => {
      expect(await failure(client.send(command(await upload())))).toBe('InvalidArgument 400');
    },
  );
});

describe('versions', () => {
  const versioning = (Bucket: string, Status: 'Enabled' | 'Suspended') =>
    client.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));

  test('are kept, hidden by delete markers, and come back', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'k', 'null');
    await versioning(Bucket, 'Enabled');
    const one = await put(Bucket, 'k', 'one');
    await put(Bucket, 'k', 'two');
    const marker = await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker.DeleteMarker).toBe(true);
    expect(await failure(get(Bucket, 'k'))).toBe('NoSuchKey 404');
    expect((await get(Bucket, 'k', { VersionId: one.VersionId })).bytes.toString()).toBe('one');
    expect((await get(Bucket, 'k', { VersionId: 'null' })).bytes.toString()).toBe('null');
    expect(await failure(get(Bucket, 'k', { VersionId: marker.VersionId }))).toBe(
      'MethodNotAllowed 405',
    );
    const listed = await client.send(new s3.ListObjectVersionsCommand({ Bucket }));
    expect(listed.Versions).toHaveLength(3);
    expect(listed.DeleteMarkers).toMatchObject([{ VersionId: marker.VersionId, IsLatest: true }]);
    await client.send(
      new s3.DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker.VersionId }),
    );
    expect((await get(Bucket, 'k')).bytes.toString()).toBe('two');
    await versioning(Bucket, 'Suspended');
    await put(Bucket, 'k', 'new null');
    expect((await get(Bucket, 'k')).VersionId).toBe('null');
    expect((await client.send(new s3.ListObjectVersionsCommand({ Bucket }))).Versions).toHaveLength(
      3,
    );
  });
});

describe('multipart uploads', () => {
  const MIB = 1024 * 1024;

  test('make one object of their parts, with ETag and checksum of the whole', async () => {
    const Bucket = await bucket();
    const parts = [randomBytes(5 * MIB), randomBytes(5 * MIB), Buffer.from('tail')];
    const created = await client.send(
      new s3.CreateMultipartUploadCommand({
        Bucket,
        Key: 'k',
        ChecksumAlgorithm: 'CRC32',
        ChecksumType: 'FULL_OBJECT',
      }),
    );
    const UploadId = created.UploadId;
    const Parts: s3.CompletedPart[] = [];
    for (const [i, Body] of parts.entries()) {
      const sent = await client.send(
        new s3.UploadPartCommand({
          Bucket,
          Key: 'k',
          UploadId,
          PartNumber: i + 1,
          Body,
          ChecksumAlgorithm: 'CRC32',
        }),
      );
      Parts.push({ PartNumber: i + 1, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 });
    }
    const complete = (chosen: s3.CompletedPart[]) =>
      client.send(
        new s3.CompleteMultipartUploadCommand({
          Bucket,
          Key: 'k',
          UploadId,
          MultipartUpload: { Parts: chosen },
        }),
      );
    expect(await failure(complete([...Parts].reverse()))).toBe('InvalidPartOrder 400');
    expect(await failure(complete([{ PartNumber: 9, ETag: 'x' }]))).toBe('InvalidPart 400');
    const done = await complete(Parts);
    const whole = Buffer.concat(parts);
    const digests = Buffer.concat(parts.map((p) => createHash('md5').update(p).digest()));
    expect(done.ETag).toBe(`"${createHash('md5').update(digests).digest('hex')}-3"`);
    const crc = Buffer.alloc(4);
    crc.writeUInt32BE(crc32(whole));
    expect(done.ChecksumCRC32).toBe(crc.toString('base64'));
    expect((await get(Bucket, 'k')).bytes.equals(whole)).toBe(true);
    const across = await get(Bucket, 'k', { Range: `bytes=${5 * MIB - 2}-${10 * MIB + 1}` });
    expect(across.bytes.equals(whole.subarray(5 * MIB - 2, 10 * MIB + 2))).toBe(true);
    expect((await complete(Parts)).ETag).toBe(done.ETag);
  });

  test('refuse small parts, and leave nothing when they are aborted', async () => {
    const Bucket = await bucket();
    const { UploadId } = await client.send(
      new s3.CreateMultipartUploadCommand({ Bucket, Key: 'k' }),
    );
    const Parts: s3.CompletedPart[] = [];
    for (const PartNumber of [1, 2]) {
      const { ETag } = await client.send(
        new s3.UploadPartCommand({ Bucket, Key: 'k', UploadId, PartNumber, Body: 'x' }),
      );
      Parts.push({ PartNumber, ETag });
    }
    const complete = client.send(
      new s3.CompleteMultipartUploadCommand({
        Bucket,
        Key: 'k',
        UploadId,
        MultipartUpload: { Parts },
      }),
    );
    expect(await failure(complete)).toBe('EntityTooSmall 400');
    expect(
      (await client.send(new s3.ListPartsCommand({ Bucket, Key: 'k', UploadId }))).Parts,
    ).toHaveLength(2);
    expect(
      (await client.send(new s3.ListMultipartUploadsCommand({ Bucket }))).Uploads,
    ).toHaveLength(1);
    const unknown = new s3.CompleteMultipartUploadCommand({
      ...{ Bucket, Key: 'k', UploadId, MultipartUpload: { Parts: Parts.slice(0, 1) } },
      ChecksumSHA512: 'x',
    });
    expect(await failure(client.send(unknown))).toBe('NotImplemented 501');
    const { Uploads } = await client.send(new s3.ListMultipartUploadsCommand({ Bucket }));
    const abort = (IfMatchInitiatedTime?: Date) =>
      client.send(
        new s3.AbortMultipartUploadCommand({ Bucket, Key: 'k', UploadId, IfMatchInitiatedTime }),
      );
    expect(await failure(abort(new Date(0)))).toBe('PreconditionFailed 412');
    await abort(Uploads?.[0]?.Initiated);
    expect(
      await failure(client.send(new s3.ListPartsCommand({ Bucket, Key: 'k', UploadId }))),
    ).toBe('NoSuchUpload 404');
  });
});

describe('headers of what is not there', () => {
  const SSECustomerAlgorithm = 'AES256';
  test.each([
    ['a read with SSE-C', (at) => new s3.GetObjectCommand({ ...at, SSECustomerAlgorithm })],
    ['a HEAD with SSE-C', (at) => new s3.HeadObjectCommand({ ...at, SSECustomerAlgorithm })],
    [
      'a write with a key alone',
      (at) => new s3.PutObjectCommand({ ...at, SSECustomerKey: 'x'.repeat(32), Body: '' }),
    ],
    [
      'a deletion that goes round a lock',
      (at) => new s3.DeleteObjectCommand({ ...at, BypassGovernanceRetention: true }),
    ],
    [
      'a write with an event hold',
      (at) => new s3.PutObjectCommand({ ...at, ObjectLockEventHold: 'ON', Body: '' }),
    ],
    // biome-ignore lint/suspicious/noExplicitAny: commands of many types
  ] as [string, (at: { Bucket: string; Key: string }) => any][])(
    '%s is refused',
    async (_what, command) => {
      const Bucket = await bucket();
      await put(Bucket, 'k', 'content');
      const { $metadata } = await client.send(command({ Bucket, Key: 'k' })).catch((e) => e);
      expect($metadata.httpStatusCode).toBe(501);
      const got = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'k' }));
      expect(await got.Body?.transformToString()).toBe('content');
    },
  );
});

describe('permissions', () => {
  test('hide what is missing from those who may not list', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'k', 'content');
    const reader = await clientOf('reader', [
      { Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
    ]);
    await reader.send(new s3.GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await failure(reader.send(new s3.GetObjectCommand({ Bucket, Key: 'none' })))).toBe(
      'AccessDenied 403',
    );
    expect(await failure(reader.send(new s3.HeadObjectCommand({ Bucket, Key: 'none' })))).toMatch(
      /403$/,
    );
    expect(await failure(reader.send(new s3.ListObjectsV2Command({ Bucket })))).toBe(
      'AccessDenied 403',
    );
    const version = reader.send(new s3.GetObjectCommand({ Bucket, Key: 'k', VersionId: 'null' }));
    expect(await failure(version)).toBe('AccessDenied 403');
    const removal = await reader.send(
      new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'k' }] } }),
    );
    expect(removal.Errors).toMatchObject([{ Key: 'k', Code: 'AccessDenied' }]);
  });

  test('of a KMS key are the caller’s own; the account’s aws/s3 key needs none', async () => {
    const Bucket = await bucket();
    const kms = new KMSClient(server.client);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const SSEKMSKeyId = KeyMetadata?.Arn;
    const all = `arn:aws:s3:::${Bucket}/*`;
    const writer = await clientOf('writer', [
      { Action: ['s3:PutObject', 's3:GetObject'], Resource: all },
    ]);
    const write = (more: object) =>
      writer.send(
        new s3.PutObjectCommand({
          Bucket,
          Key: 'k',
          Body: 'secret',
          ServerSideEncryption: 'aws:kms',
          ...more,
        }),
      );
    const managed = await write({});
    expect(managed.SSEKMSKeyId).toMatch(/^arn:aws:kms:us-east-1:\d{12}:key\//);
    expect(
      await (
        await writer.send(new s3.GetObjectCommand({ Bucket, Key: 'k' }))
      ).Body?.transformToString(),
    ).toBe('secret');
    expect(await failure(write({ SSEKMSKeyId }))).toBe('AccessDenied 403');
    await put(Bucket, 'k2', 'secret', { ServerSideEncryption: 'aws:kms', SSEKMSKeyId });
    expect(await failure(writer.send(new s3.GetObjectCommand({ Bucket, Key: 'k2' })))).toBe(
      'AccessDenied 403',
    );
    expect((await get(Bucket, 'k2')).bytes.toString()).toBe('secret');
    await kms.send(new DisableKeyCommand({ KeyId: SSEKMSKeyId }));
    expect(await failure(get(Bucket, 'k2'))).toBe('KMS.DisabledException 400');
  });
});

test('a bucket is also reached by its host name', async () => {
  const Bucket = await bucket();
  await put(Bucket, 'k', 'content');
  const { port } = new URL(server.endpoint);
  const status = await new Promise((resolve, reject) => {
    const headers = { host: `${Bucket}.s3.localhost:${port}` };
    httpRequest({ port, host: '127.0.0.1', path: '/k', headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  // Unsigned, so refused, but by the object's API and not as an unknown path.
  expect(status).toBe(403);
});

test('kill -9 loses no object that was answered', async () => {
  const Bucket = await bucket();
  const body = randomBytes(300_000);
  for (const key of ['a', 'b', 'c']) await put(Bucket, key, body);
  await server.kill();
  await server.restart();
  for (const key of ['a', 'b', 'c']) expect((await get(Bucket, key)).bytes.equals(body)).toBe(true);
});
