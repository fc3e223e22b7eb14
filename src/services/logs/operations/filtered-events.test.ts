import { expect, test } from 'vitest';
import type { StoredEvent } from '../store/events.ts';
import { collect } from './filtered-events.ts';

const MESSAGE = 'x'.repeat(250_000);

test('others have their turn after so much work, however few bytes were read', async () => {
  const events = Array.from({ length: 40 }, (_, id) => ({ id: `${id}`, message: MESSAGE }));
  async function* batches() {
    yield { events: events as StoredEvent[], bytes: 0 };
  }
  let turns = 0;
  let looked = 0;
  let longest = 0;
  const filter = {
    matches: () => {
      looked++;
      longest = Math.max(longest, looked);
      return false;
    },
    passes: 4,
  };
  await collect(batches(), filter, 10, async () => {
    turns++;
    looked = 0;
  });
  // Four passes over a message are a million characters.
  expect({ turns: turns >= 40, longest }).toEqual({ turns: true, longest: 1 });
});
