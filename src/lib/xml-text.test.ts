import fc from 'fast-check';
import { expect, test } from 'vitest';
import { xmlJson, xmlText } from './xml-text.ts';

test('texts keep what XML can hold', () => {
  expect(xmlText('a\tb\r\n\u{1f600}\uFFFD')).toBe('a\tb\r\n\u{1f600}\uFFFD');
  expect(xmlText('\u0000\u001b[\uFFFE\uD800x')).toBe('\uFFFD\uFFFD[\uFFFD\uFFFDx');
});

test('JSON means the same, and XML can hold it', () => {
  const anything = fc.string({
    unit: fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)),
  });
  fc.assert(
    fc.property(fc.dictionary(anything, anything), (value) => {
      const text = xmlJson(value);
      expect(JSON.parse(text)).toEqual(value);
      expect(xmlText(text)).toBe(text);
    }),
  );
  expect(xmlJson(['\uFFFE\uFFFF'])).toBe('["\\ufffe\\uffff"]');
});
