import { expect, test } from 'vitest';
import { checkFileSystems, checkVpc, mountsOf, mountVariables, networkOf } from './places.ts';

const location = 'fs-abcd1234.efs.us-west-2.amazonaws.com';
const good = { type: 'EFS', location, mountPoint: '/mnt/efs', identifier: 'my_efs' } as const;
const allowed = { privileged: true, vpc: true };
const owner = { accountId: '111122223333', region: 'us-west-2' };

test.each([
  [{ location: '../../etc' }, 'DNS name'],
  [{ location: `${location}:relative` }, 'DNS name'],
  [{ identifier: 'a-b' }, 'identifier'],
  [{ identifier: '' }, 'identifier'],
  [{ mountPoint: 'mnt' }, 'mount point'],
  [{ mountPoint: '/mnt/../etc' }, 'mount point'],
  [{ mountPoint: '/codebuild/slipway' }, 'mount point'],
  [{ mountPoint: '/proc' }, 'mount point'],
])('CB-C9: a file system with %j is refused', (more, message) => {
  expect(() => checkFileSystems([{ ...good, ...more }], allowed)).toThrow(message);
});

test('CB-C9: a file system needs a VPC and privileged mode', () => {
  expect(() => checkFileSystems([good], allowed)).not.toThrow();
  expect(() => checkFileSystems([good], { ...allowed, vpc: false })).toThrow('VPC');
  expect(() => checkFileSystems([good], { ...allowed, privileged: false })).toThrow('privileged');
});

test('CB-C9: one file system is one volume, of its account alone', () => {
  const volume = (more: object, of = owner) => mountsOf([{ ...good, ...more }], of)[0]?.volume;
  const own = volume({});
  expect(own).toMatch(/^efs-fs-abcd1234-[0-9a-f]{16}$/);
  expect(volume({ mountPoint: '/other', identifier: 'other' })).toBe(own);
  expect(volume({ location: `${location}:/` })).toBe(own);
  expect(volume({ location: `${location}:/part` })).not.toBe(own);
  expect(volume({}, { ...owner, accountId: '444455556666' })).not.toBe(own);
  expect(mountVariables([good])).toEqual({ CODEBUILD_MY_EFS: '/mnt/efs' });
});

test('CB-J7: a VPC has an id, subnets and security groups, and a network for each account', () => {
  const vpc = { vpcId: 'vpc-1a2b', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] };
  expect(() => checkVpc(vpc)).not.toThrow();
  for (const more of [{ vpcId: '../x' }, { subnets: [] }, { securityGroupIds: [] }])
    expect(() => checkVpc({ ...vpc, ...more })).toThrow('Invalid vpc config');
  expect(networkOf(vpc, owner)).toMatch(/^vpc-1a2b-[0-9a-f]{16}$/);
  expect(networkOf(vpc, { ...owner, accountId: '444455556666' })).not.toBe(networkOf(vpc, owner));
  expect(networkOf({}, owner)).toBeUndefined();
});
