import { expect, test } from 'vitest';
import { isOwnedBy, pointedBy } from './lfs.ts';

const ROLE = 'arn:aws:sts::111111111111:assumed-role/dev';

test.each([
  ['the user himself', { ownerArn: 'a:user/mary', ownerId: 'AIDA1' }, 'a:user/mary', 'AIDA1', true],
  ['under a new name', { ownerArn: 'a:user/mary', ownerId: 'AIDA1' }, 'a:user/mia', 'AIDA1', true],
  [
    'a new user of that name',
    { ownerArn: 'a:user/mary', ownerId: 'AIDA1' },
    'a:user/mary',
    'AIDA2',
    false,
  ],
  ['of an earlier version, by name', { ownerArn: 'a:user/mary' }, 'a:user/mary', 'AIDA2', true],
  [
    'a session of that name',
    { ownerArn: `${ROLE}/mary`, ownerId: 'AROA1:mary' },
    `${ROLE}/mary`,
    'AROA1:mary',
    true,
  ],
  [
    'somebody else in the role',
    { ownerArn: `${ROLE}/mary`, ownerId: 'AROA1:mary' },
    `${ROLE}/bob`,
    'AROA1:bob',
    false,
  ],
  [
    'a new role of that name',
    { ownerArn: `${ROLE}/mary`, ownerId: 'AROA1:mary' },
    `${ROLE}/mary`,
    'AROA2:mary',
    false,
  ],
])('a lock’s owner: %s', (_what, lock, arn, userId, owned) => {
  expect(isOwnedBy(lock, { arn, userId })).toBe(owned);
});

const oid = '0123456789abcdef'.repeat(4);
test.each([
  ['a pointer', `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize 1\n`, oid],
  [
    'one of before it was named so',
    `version http://git-media.io/v/2\noid sha256:${oid}\nsize 1\n`,
    oid,
  ],
  ['one with white space around it', `\n \tversion https://x\r\noid sha256:${oid}\r\n\n`, oid],
  ['what might be one', `see\noid sha256:${oid}\n`, oid],
  ['a longer number', `version https://x\noid sha256:${oid}0\n`, undefined],
  ['no SHA-256', 'version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 1\n', undefined],
  [
    'what is longer than one is',
    `version https://x\noid sha256:${oid}\n${'x'.repeat(1024)}`,
    undefined,
  ],
])('what a file points to: %s', (_what, text, expected) => {
  expect(pointedBy(Buffer.from(text))).toBe(expected);
});
