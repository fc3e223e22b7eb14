import { describe, expect, it } from 'vitest';
import { copySource } from './copy-source.ts';
import { ActionFailure, bucketFailure, explain, failureOf } from './failure.ts';

const error = (name: string, status?: number) =>
  Object.assign(new Error('why'), {
    name,
    $metadata: { httpStatusCode: status, requestId: 'r-1' },
  });

describe('failures', () => {
  it.each([
    ['AccessDenied', 403, 'PermissionError'],
    ['AccessDeniedException', 400, 'PermissionError'],
    ['403', 403, 'PermissionError'],
    ['NoSuchBucket', 404, 'ConfigurationError'],
    ['RepositoryDoesNotExistException', 400, 'ConfigurationError'],
    ['NotImplemented', 501, 'ConfigurationError'],
    ['InternalError', 500, undefined],
    ['ThrottlingException', 400, undefined],
    ['Error', undefined, undefined],
  ])('CP-C37: %s (%s) is %s', (name, status, code) => {
    expect(failureOf(error(name, status))?.code).toBe(code);
  });

  it('CP-C37: names the role and the bucket that it may not use', async () => {
    const call = explain(Promise.reject(error('AccessDenied', 403)), bucketFailure('R', 'b'));
    await expect(call).rejects.toThrow(
      'CodePipeline service role "R" is getting S3 access denied for the S3 bucket "b". Error: why (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: r-1)',
    );
  });

  it('says of an answer without a body what its status means, as the SDK for Java does', async () => {
    const call = explain(Promise.reject(error('Unknown', 403)), bucketFailure('R', 'b'));
    await expect(call).rejects.toThrow(
      'Error: Forbidden (Service: Amazon S3; Status Code: 403; Error Code: 403 Forbidden; Request ID: r-1)',
    );
  });

  it('keeps an error that another try may mend as it is', async () => {
    const passing = error('InternalError', 500);
    await expect(
      explain(Promise.reject(passing), () => ({ code: 'JobFailed', message: 'no' })),
    ).rejects.toBe(passing);
    expect(failureOf(new ActionFailure('JobFailed', 'x'))?.code).toBe('JobFailed');
  });
});

describe('copySource', () => {
  it('encodes what a header cannot carry', () => {
    expect(copySource('b', 'a b/ü?x.zip', 'v+1')).toBe('b/a%20b/%C3%BC%3Fx.zip?versionId=v%2B1');
  });
});
