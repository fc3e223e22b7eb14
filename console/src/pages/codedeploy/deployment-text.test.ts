import { expect, test } from 'vitest';
import { eventNames, revisionText, s3Of, type Target } from './deployment-text.ts';

const target = (...names: string[]): Target => ({
  ...{ id: 'i', arn: undefined, status: undefined, label: undefined, updated: undefined },
  events: names.map((lifecycleEventName) => ({ lifecycleEventName })),
});

test('columns are the events of all targets, in their order', () => {
  expect(
    eventNames([
      target('Install', 'AllowTraffic'),
      target('BlockTraffic', 'Install', 'AfterInstall', 'AllowTraffic'),
    ]),
  ).toEqual(['BlockTraffic', 'Install', 'AfterInstall', 'AllowTraffic']);
});

test.each([
  ['s3://b/a/app.tar.gz', 'tgz'],
  ['s3://b/app.tar', 'tar'],
  ['s3://b/app.zip', 'zip'],
])('%s is packed as %s', (url, bundleType) => {
  const revision = s3Of(url);
  expect(revision?.s3Location?.bundleType).toBe(bundleType);
  expect(revisionText(revision)).toBe(url);
});

test('a version that is named is deployed, and what nobody changed stays all that it was', () => {
  expect(s3Of('s3://b/app.tgz?versionId=v1')?.s3Location).toEqual({
    ...{ bucket: 'b', key: 'app.tgz', bundleType: 'tgz', version: 'v1' },
  });
  expect(s3Of('s3://b/?versionId=v1')).toBeUndefined();
  const was = {
    revisionType: 'S3' as const,
    s3Location: { bucket: 'b', key: 'app', bundleType: 'tar' as const, version: 'v1', eTag: 'e' },
  };
  expect(s3Of(revisionText(was), was)).toBe(was);
  expect(s3Of('s3://b/app?versionId=v2', was)?.s3Location?.eTag).toBeUndefined();
});

test('what is no object of S3 is none', () => {
  expect(s3Of('https://b/app.zip')).toBeUndefined();
  expect(s3Of('s3://b')).toBeUndefined();
  expect(revisionText(undefined)).toBe('–');
});
