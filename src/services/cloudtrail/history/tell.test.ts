import { expect, it } from 'vitest';
import type { Tx } from '../../../db/database.ts';
import type { NewEvent } from '../../../engine/events.ts';
import { tellOfCalls } from './tell.ts';

const OWNER = { accountId: '111111111111', region: 'eu-west-1' };
const line = (sourceIPAddress: string) =>
  JSON.stringify({ id: '1', event: { eventSource: 'sqs.amazonaws.com', sourceIPAddress } });

async function told(lines: string[], wanted = true): Promise<NewEvent[]> {
  const events: NewEvent[] = [];
  const house = {
    mayWant: async () => wanted,
    publish: async (_: Tx, event: NewEvent) => void events.push(event),
  };
  await tellOfCalls({} as Tx, house, OWNER, lines);
  return events;
}

it('tells of what people do, not of what a rule does: that would never come to an end', async () => {
  const events = await told([line('events.amazonaws.com'), line('127.0.0.1')]);
  expect(events).toEqual([
    {
      'detail-type': 'AWS API Call via CloudTrail',
      ...{ source: 'aws.sqs', account: '111111111111', region: 'eu-west-1', resources: [] },
      detail: { eventSource: 'sqs.amazonaws.com', sourceIPAddress: '127.0.0.1' },
    },
  ]);
});

it('reads nothing where nobody wants any', async () => {
  expect(await told(['no JSON'], false)).toEqual([]);
});
