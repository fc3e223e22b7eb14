import { expect, test } from 'vitest';
import { s3Arn } from './s3-location.ts';
import { s3LogPlace } from './s3-log.ts';

test.each([
  ['logs', 'u.gz'],
  ['logs/', 'u.gz'],
  ['logs/builds/app', 'builds/app/u.gz'],
  ['arn:aws:s3:::logs/builds/', 'builds/u.gz'],
])('CB-E2: a log at %s', (location, key) => {
  const place = s3LogPlace({ status: 'ENABLED', location }, 'u');
  expect(place).toEqual({ bucket: 'logs', key });
  expect(place && s3Arn('aws', place)).toBe(`arn:aws:s3:::logs/${key}`);
});

test.each([undefined, '', '/logs', 'A', 'arn:aws:iam::1:role/r'])(
  '%s is no location',
  (location) => {
    expect(s3LogPlace({ status: 'ENABLED', location }, 'u')).toBeUndefined();
  },
);
