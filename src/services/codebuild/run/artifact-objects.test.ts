import { expect, test } from 'vitest';
import { ownersAcl } from './artifact-objects.ts';

test('CB-D3: FULL gives the bucket’s owner all of an object; else the bucket decides', () => {
  expect(ownersAcl('FULL')).toEqual({ ACL: 'bucket-owner-full-control' });
  expect(ownersAcl('NONE')).toEqual({});
  expect(ownersAcl(undefined)).toEqual({});
});
