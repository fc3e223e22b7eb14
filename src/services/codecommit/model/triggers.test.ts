import { expect, test } from 'vitest';
import { documentOf, referenceOf, subjectOf, tellsOf } from './triggers.ts';

const created = { event: 'referenceCreated', name: 'refs/heads/NewBranch' } as const;
const deleted = { event: 'referenceDeleted', name: 'refs/heads/NewBranch' } as const;
const updated = { event: 'referenceUpdated', name: 'refs/heads/main' } as const;
const tagged = { event: 'referenceCreated', name: 'refs/tags/v1' } as const;
const noted = { event: 'referenceCreated', name: 'refs/notes/commits' } as const;

test.each([
  [['all'], [], [true, true, true, true, false]],
  [['createReference'], [], [true, false, false, true, false]],
  [['deleteReference'], [], [false, true, false, false, false]],
  [['updateReference'], [], [false, false, true, false, false]],
  [['all'], ['main'], [false, false, true, false, false]],
  [['all'], ['NewBranch', 'v1'], [true, true, false, false, false]],
] as const)('CC-TRG-01: %j of %j', (events, branches, expected) => {
  const trigger = { name: 't', destinationArn: '', events: [...events], branches: [...branches] };
  const changes = [created, deleted, updated, tagged, noted];
  expect(changes.map((change) => tellsOf(trigger, change))).toEqual(expected);
});

test('CC-TRG-01: what is told is as AWS documents it', () => {
  const references = [
    referenceOf({ ...created, commitId: '317f8570EXAMPLE' }),
    referenceOf({ ...deleted, oldCommitId: 'a' }),
    referenceOf({ ...updated, commitId: 'c', oldCommitId: 'b' }),
  ];
  const document = documentOf(
    {
      ...{ name: 'MyFirstTrigger', destinationArn: '', events: ['all'] },
      customData: 'this is custom data',
    },
    {
      repository: {
        arn: 'arn:aws:codecommit:us-east-2:123456789012:MyDemoRepo',
        region: 'us-east-2',
      },
      ...{ configurationId: '0123456-I-AM-AN-EXAMPLE', eventId: '11111-EXAMPLE-ID' },
      ...{ eventName: 'ReferenceChange', references, at: new Date('2016-02-09T00:08:11.743Z') },
      userArn: 'arn:aws:iam::123456789012:user/CodeCommitUser',
    },
  );
  expect(document).toEqual({
    Records: [
      {
        awsRegion: 'us-east-2',
        codecommit: {
          references: [
            { commit: '317f8570EXAMPLE', created: true, ref: 'refs/heads/NewBranch' },
            { commit: 'a', deleted: true, ref: 'refs/heads/NewBranch' },
            { commit: 'c', ref: 'refs/heads/main' },
          ],
        },
        customData: 'this is custom data',
        eventId: '11111-EXAMPLE-ID',
        eventName: 'ReferenceChange',
        eventPartNumber: 1,
        eventSource: 'aws:codecommit',
        eventSourceARN: 'arn:aws:codecommit:us-east-2:123456789012:MyDemoRepo',
        eventTime: '2016-02-09T00:08:11.743+0000',
        eventTotalParts: 1,
        eventTriggerConfigId: '0123456-I-AM-AN-EXAMPLE',
        eventTriggerName: 'MyFirstTrigger',
        eventVersion: '1.0',
        userIdentityARN: 'arn:aws:iam::123456789012:user/CodeCommitUser',
      },
    ],
  });
  expect(subjectOf({ region: 'us-east-2', name: 'x'.repeat(100) })).toHaveLength(100);
});
