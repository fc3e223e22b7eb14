import fc from 'fast-check';
import { expect, test } from 'vitest';
import { marked, plainOf, spansOf } from './ansi.ts';

const E = '\u001b';

test.each([
  ['plain', [{ text: 'plain', look: '' }]],
  [
    `a${E}[31mb${E}[0mc`,
    [
      { text: 'a', look: '' },
      { text: 'b', look: 'ansi-fg-1' },
      { text: 'c', look: '' },
    ],
  ],
  [`${E}[1;92mok`, [{ text: 'ok', look: 'ansi-bold ansi-fg-10' }]],
  [`${E}[38;5;196mx`, [{ text: 'x', look: '', color: 'rgb(255, 0, 0)' }]],
  [`${E}[38;2;1;2;999mx`, [{ text: 'x', look: '', color: 'rgb(1, 2, 255)' }]],
  [`${E}[48;5;1;4mx`, [{ text: 'x', look: 'ansi-underline' }]],
  [
    `${E}[2K${E}[1Gx${E}]8;;javascript:alert(1)${E}\\link`,
    [
      { text: 'x', look: '' },
      { text: 'link', look: '' },
    ],
  ],
  ['10%\r50%\r100%\r', [{ text: '100%', look: '' }]],
  [
    'a\u0000\tb',
    [
      { text: 'a', look: '' },
      { text: '\tb', look: '' },
    ],
  ],
])('%j', (line, spans) => {
  expect(spansOf(line)).toEqual(spans);
});

const written = fc
  .array(fc.oneof(fc.string(), fc.constantFrom(E, `${E}[`, '31', 'm', ';', '\r', `${E}]`, '<b>')))
  .map((parts) => parts.join(''));

test('spans are the plain text, and no escape is left in it', () => {
  fc.assert(
    fc.property(written, (line) => {
      const text = spansOf(line)
        .map((span) => span.text)
        .join('');
      expect(text).toBe(plainOf(line));
      expect(text).not.toContain(E);
    }),
  );
});

test('marks cut spans and lose nothing', () => {
  fc.assert(
    fc.property(fc.string(), fc.string({ maxLength: 3 }), (line, search) => {
      const spans = spansOf(line);
      const text = marked(spans, search)
        .map((span) => span.text)
        .join('');
      expect(text).toBe(plainOf(line));
    }),
  );
  const found = marked(spansOf(`er${E}[31mror and Error`), 'error');
  expect(found.filter((span) => span.found).map((span) => span.text)).toEqual([
    'er',
    'ror',
    'Error',
  ]);
});
