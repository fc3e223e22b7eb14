import { expect, test } from 'vitest';
import { unless } from './unless.ts';

const never = () => new Promise<never>(() => {});

test('work is what comes of it', async () => {
  const { signal } = new AbortController();
  expect(await unless(signal, Promise.resolve(1))).toBe(1);
  await expect(unless(signal, Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('work that does not end is not waited for once the signal aborts', async () => {
  const control = new AbortController();
  const waiting = unless(control.signal, never());
  control.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(unless(control.signal, never())).rejects.toThrow('enough');
  // What fails later fails unheard.
  await expect(unless(control.signal, Promise.reject(new Error('late')))).rejects.toThrow('enough');
});
