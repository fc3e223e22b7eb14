import { gzipSync } from 'node:zlib';
import type { Filter } from '@aws-sdk/client-ec2';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { type Facts, filtersOf, UnknownFilter } from './filters.ts';
import { derivedId, newId, prefixOf } from './ids.ts';
import { isLocation } from './images.ts';
import { metadataAt } from './metadata.ts';
import { subnetsOf, zonesOf } from './network.ts';
import { permissionsOf, rulesOf, sameRule } from './security-groups.ts';
import { newInstance } from './testing.ts';
import { readUserData } from './user-data.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  [base64('#!/bin/sh\necho'), 'script'],
  [gzipSync('#!/bin/sh\necho').toString('base64'), 'script'],
  [base64('a: b'), 'nothing'],
  ['', 'nothing'],
  [base64('#cloud-config\npackages: []'), 'unsupported'],
  [base64('Content-Type: multipart/mixed; boundary="x"'), 'unsupported'],
  ['%%%', 'invalid'],
  [base64('#!/bin/sh\n'.repeat(2000)), 'invalid'],
  // What grows to much more than a script may be is what it is.
  [gzipSync(Buffer.alloc(10_000_000)).toString('base64'), 'nothing'],
])('user data %#', (text, kind) => {
  expect(readUserData(text).kind).toBe(kind);
});

const passes = (filters: Filter[], facts: Facts, tags?: Map<string, string>) =>
  filtersOf(filters)?.(facts, tags);

describe('filters', () => {
  const facts = { name: 'web-1', state: ['running', 'ok'], none: undefined };
  const tags = new Map([['Role', 'web']]);
  test.each([
    [[], true],
    [[{ Name: 'name', Values: ['web-?'] }], true],
    [[{ Name: 'name', Values: ['w*', 'x'] }], true],
    [[{ Name: 'name', Values: ['?'] }], false],
    [[{ Name: 'name', Values: [] }], false],
    [[{ Name: 'state', Values: ['ok'] }], true],
    [[{ Name: 'none', Values: ['*'] }], false],
    [[{ Name: 'tag:Role', Values: ['web'] }], true],
    [[{ Name: 'tag:role', Values: ['web'] }], false],
    [
      [
        { Name: 'tag-key', Values: ['Role'] },
        { Name: 'name', Values: ['db'] },
      ],
      false,
    ],
  ])('%j passes: %s', (filters, expected) => {
    expect(passes(filters, facts, tags)).toBe(expected);
  });
  test('one that there is not is said, whatever its name is', () => {
    for (const Name of ['other', '__proto__', 'constructor'])
      expect(() => passes([{ Name, Values: ['x'] }], facts)).toThrow(UnknownFilter);
  });
  test('a hostile pattern takes no time', () => {
    const Values = [`${'*?'.repeat(90)}x`];
    const started = performance.now();
    passes([{ Name: 'name', Values }], { name: 'a'.repeat(480) });
    expect(performance.now() - started).toBeLessThan(1000);
  });
  test('by property: a text passes by itself, and by a star in place of any of its parts', () =>
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{1,20}$/), fc.nat({ max: 19 }), (name, at) => {
        const starred = `${name.slice(0, at)}*${name.slice(at + 1)}`;
        const one = (value: string) => passes([{ Name: 'name', Values: [value] }], { name });
        expect(one(name) && one(starred) && one('?'.repeat(name.length))).toBe(true);
      }),
    ));
});

describe('metadata', () => {
  const instance = { ...newInstance({ address: '172.18.0.2' }), tags: new Map([['Role', 'web']]) };
  const source = { instance, architecture: 'x86_64', userData: undefined, groupNames: ['default'] };
  test.each([
    ['instance-id', 'i-0123456789abcdef0'],
    ['placement/region', 'us-east-1'],
    ['placement/', 'availability-zone\nregion'],
    ['local-ipv4', '172.18.0.2'],
    ['security-groups', 'default'],
    ['tags/instance/Role', undefined],
    ['iam/info', undefined],
    ['__proto__', undefined],
    ['constructor/name', undefined],
    ['../user-data', undefined],
  ])('%s is %j', (path, value) => {
    expect(metadataAt(source, path)).toBe(value);
  });
  test('tags are told to those alone that may have them', () => {
    const metadata = { ...instance.body.metadata, tags: 'enabled' as const };
    const open = { ...source, instance: { ...instance, body: { ...instance.body, metadata } } };
    expect(metadataAt(open, 'tags/instance/')).toBe('Role');
    expect(metadataAt(open, 'tags/instance/Role')).toBe('web');
  });
});

describe('security groups', () => {
  const web = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
  it('have a rule for each source, and show them by protocol and ports', () => {
    const rules = rulesOf([{ ...web, UserIdGroupPairs: [{ GroupId: 'sg-1' }] }], false) ?? [];
    expect(rules).toHaveLength(2);
    expect(permissionsOf(rules, false, '1')).toMatchObject([
      { ...web, UserIdGroupPairs: [{ GroupId: 'sg-1', UserId: '1' }] },
    ]);
    expect(permissionsOf(rules, true, '1')).toEqual([]);
    const [again] = rulesOf([web], false) ?? [];
    expect(again && rules[0] && sameRule(again, rules[0])).toBe(true);
  });
  test.each([
    { ...web, IpRanges: [{ CidrIp: '300.0.0.0/8' }] },
    { ...web, IpRanges: [{ CidrIp: '10.0.0.0/33' }] },
    { ...web, FromPort: 90 },
    { ...web, ToPort: 70_000 },
    { IpProtocol: 'tcp', IpRanges: [{ CidrIp: '0.0.0.0/0' }] },
    { ...web, IpProtocol: 'smtp' },
    { ...web, UserIdGroupPairs: [{}] },
  ])('that make no sense are none: %j', (permission) => {
    expect(rulesOf([permission], false)).toBeUndefined();
  });
});

test('an image is the name of a container image and nothing else', () => {
  for (const good of ['debian:12', 'ghcr.io/a/b:1', `a@sha256:${'0'.repeat(64)}`])
    expect(isLocation(good)).toBe(true);
  for (const bad of ['', '-v', '/etc', 'a b', 'a/../b', 'a;b', `a@sha256:0`, '$(x)'])
    expect(isLocation(bad)).toBe(false);
});

test('ids are of their kind, and those of the default VPC follow from whose it is', () => {
  expect(prefixOf(newId('i'))).toBe('i');
  expect(newId('i')).toMatch(/^i-[0-9a-f]{17}$/);
  for (const bad of ['i-1', 'i-0123456789ABCDEF0', '../i-01234567', 'i-01234567/x'])
    expect(prefixOf(bad)).toBeUndefined();
  const place = { accountId: '1', region: 'eu-west-1' };
  expect(derivedId('vpc', 'a', 'b')).not.toBe(derivedId('vpc', 'ab'));
  expect(subnetsOf(place)).toEqual(subnetsOf(place));
  expect(subnetsOf(place).map(({ cidr }) => cidr)).toEqual([
    '172.31.0.0/20',
    '172.31.16.0/20',
    '172.31.32.0/20',
  ]);
});

test.each([
  ['us-east-1', 'use1-az1'],
  ['eu-west-1', 'euw1-az1'],
  ['eu-north-1', 'eun1-az1'],
  ['ap-southeast-2', 'apse2-az1'],
  ['ap-northeast-1', 'apne1-az1'],
  ['ca-central-1', 'cac1-az1'],
])('the first zone of %s is %s', (region, id) => {
  expect(zonesOf(region)[0]).toEqual({ name: `${region}a`, id });
});
