import { expect, test } from 'vitest';
import { packEvents } from '../model/blocks.ts';
import { chunkId } from '../model/event-id.ts';
import { QueryTooLargeError } from '../model/insights/held.ts';
import { sealChunk } from '../store/sealing.ts';
import type { Outcome, Page } from './looking.ts';
import { QueryThread } from './threads.ts';

const NOW = Date.UTC(2026, 10, 26);
const STREAM = '1'.repeat(16);
const key = Buffer.alloc(32, 1);

function pageOf(messages: string[]): Page {
  const id = chunkId(STREAM, 0);
  const events = messages.map((message) => ({ timestamp: NOW, message }));
  const range = { min_at: NOW, max_at: NOW, ingested_at: NOW };
  const chunk = {
    ...{ id, group_id: 'g', stream_id: STREAM, ...range, bytes: 100 },
    ...{ first_seq: 0, last_seq: messages.length - 1 },
    sealed: sealChunk(key, id, packEvents(events)),
  };
  const group = { accountId: '111111111111', name: 'g', id: 'g' };
  const streams = new Map([[STREAM, 's']]);
  return { group, key, streams, start: NOW, end: NOW, chunks: [chunk] };
}

const question = (text: string, most = 1_000_000) => ({
  question: { text, now: NOW, limit: 10, most },
});

test('a thread answers one query after the other', async () => {
  const thread = QueryThread.take();
  for (const word of ['a', 'b']) {
    await thread.ask(question(`filter @message = "${word}" | stats count(*) as n`));
    await thread.ask({ page: pageOf(['a', 'a', 'b']) });
    const { outcome } = await thread.ask<{ outcome: Outcome }>({ end: true });
    expect(outcome.results).toEqual([[{ field: 'n', value: word === 'a' ? '2' : '1' }]]);
  }
  thread.release();
  expect(QueryThread.take()).toBe(thread);
  thread.end(new Error('done'));
  expect(QueryThread.take()).not.toBe(thread);
});

test('what holds too much is told so', async () => {
  const thread = QueryThread.take();
  await thread.ask(question('stats count_distinct(@message)', 100));
  await expect(thread.ask({ page: pageOf(['a', 'b', 'c']) })).rejects.toThrow(QueryTooLargeError);
  thread.end(new Error('done'));
});

test('a thread ends in the middle of its work, and others go on meanwhile', async () => {
  const thread = QueryThread.take();
  // Text of bits without an order, where each place of an a is a state of its own: half a minute for all messages.
  let bits = 1;
  const letter = () => {
    bits = (bits * 1_103_515_245 + 12_345) % 2 ** 31;
    return 'ab'[(bits >> 16) & 1];
  };
  const message = Array.from({ length: 100_000 }, letter).join('');
  await thread.ask(question('filter @message like /a.{500}[cd]/'));
  const asked = thread.ask({ page: pageOf(Array(50).fill(message)) });
  // The loop of this thread turns.
  await new Promise((resolve) => setImmediate(resolve));
  thread.end(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
});
