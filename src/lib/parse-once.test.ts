import { expect, it } from 'vitest';
import { parseOnce } from './parse-once.ts';

interface Document {
  name: string;
  stages: { actions: string[] }[];
}

it('parses a text once and gives the same value each time', () => {
  let parsed = 0;
  const parse = parseOnce((text): Document => {
    parsed += 1;
    return JSON.parse(text);
  });
  const text = '{"name":"web","stages":[{"actions":["Source"]}]}';
  expect(parse(text)).toBe(parse(`${text} `.trimEnd()));
  expect(parsed).toBe(1);
  expect(parse('{"name":"other","stages":[]}').name).toBe('other');
});

it('freezes what it gives out, since all callers share it', () => {
  const document = parseOnce((text): Document => JSON.parse(text))(
    '{"name":"web","stages":[{"actions":["Source"]}]}',
  );
  expect(() => document.stages[0]?.actions.push('Build')).toThrow(TypeError);
  expect(() => Object.assign(document, { name: 'other' })).toThrow(TypeError);
});

it('remembers no text that cannot be parsed', () => {
  const parse = parseOnce((text): Document => JSON.parse(text));
  expect(() => parse('{')).toThrow(SyntaxError);
  expect(() => parse('{')).toThrow(SyntaxError);
});

it('forgets the oldest of many texts', () => {
  let parsed = 0;
  const parse = parseOnce((text) => {
    parsed += 1;
    return { text };
  });
  for (let i = 0; i <= 5000; i += 1) parse(`${i}`);
  parse('5000');
  expect(parsed).toBe(5001);
  parse('0');
  expect(parsed).toBe(5002);
});

it('keeps long texts up to so many characters together, and none that is longer', () => {
  let parsed = 0;
  const parse = parseOnce((text) => {
    parsed += 1;
    return { length: text.length };
  });
  const text = (letter: string) => letter.repeat(12 * 1024 * 1024);
  for (const letter of 'abcc') parse(text(letter));
  expect(parsed).toBe(3);
  parse(text('b'));
  expect(parsed).toBe(3);
  parse(text('a'));
  expect(parsed).toBe(4);
  for (const _ of 'xx') parse(text('x').repeat(4));
  expect(parsed).toBe(6);
});
