import { expect, it } from 'vitest';
import { askedOf } from './asked.ts';

it.each<[pattern: string, asked: unknown]>([
  ['{"source": ["a"], "detail": {"$or": [{"source": [1]}, {"x": [1]}]}}', ['a']],
  ['{"source": ["a"], "source": ["b"]}', ['b']],
  ['{"detail": {"source": ["a"]}}', undefined],
  ['{"source": ["a"], "$or": [{"x": [1]}, {"y": [1]}]}', ['a']],
  ['{"source": ["a"], "$or": [{"$or": [{"source": ["b"]}, {"x": [1]}]}, {"y": [1]}]}', undefined],
  ['{"$or": [{"source": ["b"]}, {"x": [1]}], "$or": [{"y": [1]}, {"x": [1]}]}', undefined],
])('tells what %s asks of the source of every event', (pattern, asked) => {
  expect(askedOf(pattern, 'source')).toEqual(asked);
});
