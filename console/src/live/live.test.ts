import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventReader } from './parse.ts';
import { isStale, type LiveEvent } from './stale.ts';

describe('server-sent events', () => {
  const TEXT = ': here\n\nid: 1\nevent: A B\ndata: {"a":\ndata: 1}\n\ndata:x\r\n\r\nevent: gap\n\n';
  const ALL = [
    { id: '1', event: 'A B', data: '{"a":\n1}' },
    { id: '1', event: '', data: 'x' },
    { id: '1', event: 'gap', data: '' },
  ];

  test('are the same however they come in pieces', () => {
    expect(eventReader()(TEXT)).toEqual(ALL);
    fc.assert(
      fc.property(fc.array(fc.nat(TEXT.length)), (cuts) => {
        const read = eventReader();
        const at = [0, ...cuts.sort((a, b) => a - b), TEXT.length];
        const pieces = at.slice(1).map((end, i) => TEXT.slice(at[i], end));
        expect(pieces.flatMap(read)).toEqual(ALL);
      }),
    );
  });
});

const event = (source: string, detail: object, resources: string[] = []): LiveEvent => ({
  ...{ id: '1', source: `aws.${source}`, 'detail-type': 'X', account: '1', region: 'r', time: '' },
  ...{ detail: detail as Record<string, unknown>, resources },
});
const asked = (service: string, input: object, region = 'r') => ({ service, region, input });

describe('an event makes stale', () => {
  const started = event('codepipeline', { pipeline: 'web', 'execution-id': 'e1' });
  test.each([
    ['a listing of all', asked('codepipeline', { maxResults: 5 }), started, true],
    ['what names its pipeline', asked('codepipeline', { pipelineName: 'web' }), started, true],
    ['not what names another', asked('codepipeline', { name: 'other' }), started, false],
    ['nothing of another region', asked('codepipeline', {}, 'q'), started, false],
    ['nothing of another service', asked('iam', {}), started, false],
    [
      'a build by the id of its ARN',
      asked('codebuild', { ids: ['web:1'] }),
      event('codebuild', { 'build-id': 'arn:aws:codebuild:r:1:build/web:1' }),
      true,
    ],
    [
      'an alarm, which is asked under another name',
      asked('monitoring', { AlarmNames: ['a'] }),
      event('cloudwatch', { alarmName: 'a' }),
      true,
    ],
    [
      'what its resource names',
      asked('codecommit', { repositoryName: 'web' }),
      event('codecommit', {}, ['arn:aws:codecommit:r:1:web']),
      true,
    ],
  ])('%s', (_, query, live, stale) => {
    expect(isStale(query, live)).toBe(stale);
  });
});
