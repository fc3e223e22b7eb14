import { expect, test } from 'vitest';
import { freesRoom } from './full-disk.ts';

test.each([
  'DeleteObjects',
  'BatchDeleteBuilds',
  'PurgeQueue',
  'RevokeGrant',
  'RetireGrant',
  'ScheduleKeyDeletion',
  'UpdateAccessKey',
  'PutBucketVersioning',
  'Unsubscribe',
  'DisableKey',
])('%s frees room or takes a right away: it goes on on a full disk', (operation) => {
  expect(freesRoom(operation)).toBe(true);
});

test.each(['PutObject', 'DeleteFile', 'CreateKey', 'CreateGrant', 'EnableKey', 'UpdateRole'])(
  '%s waits until there is room',
  (operation) => {
    expect(freesRoom(operation)).toBe(false);
  },
);
