import { Readable } from 'node:stream';
import { CodeCommitClient } from '@aws-sdk/client-codecommit';
import type { HttpRequest } from '@smithy/core/protocols';
import { expect, test } from 'vitest';
import { GetUploadArchiveStatusCommand, UploadArchiveCommand } from './codecommit-archive.ts';

/** A client whose requests are answered here with `answer`, and the requests it made. */
function client(answer: string) {
  const requests: HttpRequest[] = [];
  const codecommit = new CodeCommitClient({
    region: 'us-east-1',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: HttpRequest) => {
        requests.push(request);
        const headers = { 'content-type': 'application/x-amz-json-1.1' };
        return { response: { statusCode: 200, headers, body: Readable.from([answer]) } };
      },
    } as never,
  });
  return { codecommit, requests };
}

test('CC-SEC-02: an ordinary CodeCommitClient sends UploadArchive', async () => {
  const { codecommit, requests } = client('{"uploadId":"u1"}');
  const answer = await codecommit.send(
    new UploadArchiveCommand({ repositoryName: 'r', commitId: 'c', s3Bucket: 'b', s3Key: 'k' }),
  );
  expect(answer.uploadId).toBe('u1');
  expect(requests[0]?.headers['x-amz-target']).toBe('CodeCommit_20150413.UploadArchive');
  expect(JSON.parse(Buffer.from(requests[0]?.body).toString())).toEqual({
    repositoryName: 'r',
    commitId: 'c',
    s3Bucket: 'b',
    s3Key: 'k',
  });
});

test('CC-SEC-02: GetUploadArchiveStatus carries the error of a failed upload', async () => {
  const { codecommit } = client('{"uploadId":"u1","status":"Failed","errorCode":"AccessDenied"}');
  const answer = await codecommit.send(
    new GetUploadArchiveStatusCommand({ repositoryName: 'r', uploadId: 'u1' }),
  );
  expect(answer).toMatchObject({ status: 'Failed', errorCode: 'AccessDenied' });
});
