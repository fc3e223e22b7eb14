import { expect, test } from 'vitest';
import { checkReportGroup } from './report-group-rules.ts';

type Group = Parameters<typeof checkReportGroup>[0];
const none = { exportConfigType: 'NO_EXPORT' } as const;
const s3 = (s3Destination: object) => ({ exportConfigType: 'S3', s3Destination }) as const;

test.each([
  [{ name: 'a b' }, 'Invalid report group name'],
  [{ name: 'a' }, 'Invalid report group name'],
  [{ name: 'a'.repeat(129) }, 'Invalid report group name'],
  [{ tags: [{ key: 'aws:x', value: '' }] }, 'Invalid tags'],
  [{ tags: [{ value: '' }] }, 'Invalid tags'],
  [{ exportConfig: {} }, 'exportConfigType is required'],
  [{ exportConfig: { exportConfigType: 'S3' } }, 'needs the bucket'],
  [{ exportConfig: { ...none, s3Destination: { bucket: 'b' } } }, 'no s3Destination'],
  [{ exportConfig: s3({ bucket: 'b', bucketOwner: 'me' }) }, 'bucketOwner'],
  [{ exportConfig: s3({ bucket: 'b', encryptionKey: 'no key' }) }, 'Invalid encryption key'],
] as [Partial<Group>, string][])('a group with %o is refused', (more, text) => {
  const group = { name: 'unit', exportConfig: none, ...more };
  expect(() => checkReportGroup(group)).toThrow(text);
  expect(() => checkReportGroup(group)).toThrow(expect.objectContaining({ name: 'RuleError' }));
});

test('a group with all that it may have is taken', () => {
  const bucketOwner = '1'.repeat(12);
  const exportConfig = s3({ bucket: 'b', bucketOwner, encryptionKey: 'alias/reports' });
  const tags = [{ key: 'k', value: '' }];
  expect(() => checkReportGroup({ name: 'a_b.c-d', exportConfig, tags })).not.toThrow();
});
