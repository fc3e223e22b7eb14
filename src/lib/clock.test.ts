import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from './clock.ts';

const HOUR_MS = 3_600_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const inAnHour = () => new Date(Date.now() + HOUR_MS);

it('wakes at the time, and nobody who wants it no more', () => {
  const [wake, cancelled] = [vi.fn(), vi.fn()];
  systemClock.at(inAnHour(), wake);
  systemClock.at(inAnHour(), cancelled)();
  vi.advanceTimersByTime(HOUR_MS - 1);
  expect(wake).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledOnce();
  expect(cancelled).not.toHaveBeenCalled();
});

it('wakes soon when the clock is set forward, or the machine has slept', () => {
  const wake = vi.fn();
  systemClock.at(inAnHour(), wake);
  vi.setSystemTime(Date.now() + HOUR_MS);
  vi.advanceTimersByTime(10_001);
  expect(wake).toHaveBeenCalledOnce();
});

it('waits no longer when the clock is set back', () => {
  const wake = vi.fn();
  systemClock.at(inAnHour(), wake);
  vi.setSystemTime(Date.now() - 5 * HOUR_MS);
  vi.advanceTimersByTime(HOUR_MS);
  expect(wake).toHaveBeenCalledOnce();
});
