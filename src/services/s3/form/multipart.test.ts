import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readUploadForm } from './multipart.ts';

const TYPE = 'multipart/form-data; boundary=XX';

function part(name: string, value: string, more = ''): string {
  return `--XX\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
}

const file = (content: string, name = 'a.txt') =>
  part('file', content, `; filename="${name}"\r\nContent-Type: text/plain`);

/** The body in pieces of `size` bytes. */
function inPieces(text: string, size: number): Readable {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Readable.from(
    Array.from({ length: count }, (_, n) => bytes.subarray(n * size, (n + 1) * size)),
  );
}

async function read(text: string, size = 7, type = TYPE) {
  const form = await readUploadForm(inPieces(text, size), type);
  const content = Buffer.concat(await form.file.toArray()).toString();
  return { fields: Object.fromEntries(form.fields), fileName: form.fileName, content };
}

test.each([1, 2, 3, 5, 64, 10_000])('fields and a file, in pieces of %i bytes', async (size) => {
  const tricky = 'one\r\n--X\r\n--XY two\r\n\r\n--';
  const text = `preamble\r\n${part('Key', 'ü/x')}${part('empty', '')}${file(tricky)}${part('after', 'x')}--XX--\r\n`;
  expect(await read(text, size)).toEqual({
    fields: { key: 'ü/x', empty: '' },
    fileName: 'a.txt',
    content: tricky,
  });
});

test.each([
  ['C:\\dir\\a b.txt', 'a b.txt'],
  ['/etc/passwd', 'passwd'],
  ['../../x', 'x'],
  ['a%22b', 'a"b'],
  ['', ''],
])('the file name %j is %j', async (sent, name) => {
  expect((await read(`${file('', sent)}--XX--`)).fileName).toBe(name);
});

test('a boundary may stand in quotation marks', async () => {
  const { content } = await read(`${file('x')}--XX--`, 9, 'multipart/form-data; boundary="XX"');
  expect(content).toBe('x');
});

describe('hostile bodies', () => {
  const long = 'x'.repeat(21 * 1024);
  test.each([
    ['nothing', '', 'MalformedPOSTRequest'],
    ['no boundary', 'hello', 'MalformedPOSTRequest'],
    [
      'a part without a name',
      '--XX\r\nContent-Type: a/b\r\n\r\nx\r\n--XX--',
      'MalformedPOSTRequest',
    ],
    [
      'a part that does not end',
      '--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\nx',
      'MalformedPOSTRequest',
    ],
    ['a delimiter with something behind it', '--XXY\r\n', 'MalformedPOSTRequest'],
    ['a file that does not end', file('x').slice(0, -2), 'MalformedPOSTRequest'],
    ['no file', `${part('key', 'k')}--XX--\r\n`, 'InvalidArgument'],
    [
      'a field that is there twice',
      `${part('key', 'a')}${part('KEY', 'b')}${file('x')}`,
      'InvalidArgument',
    ],
    [
      'a value without end',
      `--XX\r\nContent-Disposition: form-data; name="a"\r\n\r\n${long}`,
      'MaxPostPreDataLengthExceeded',
    ],
    ['a header without end', `--XX\r\n${long}`, 'MaxPostPreDataLengthExceeded'],
    ['a preamble without end', long, 'MaxPostPreDataLengthExceeded'],
    [
      'many small fields',
      `${Array.from({ length: 1000 }, (_, n) => part(`f${n}`, '')).join('')}${file('x')}`,
      'MaxPostPreDataLengthExceeded',
    ],
  ])('%s', async (_what, text, code) => {
    await expect(read(text, 1000)).rejects.toMatchObject({ code });
  });

  test.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
  ])('the type %s', async (type) => {
    await expect(read(file('x'), 9, type)).rejects.toMatchObject({ code: 'MalformedPOSTRequest' });
  });

  test('a sender that goes away', async () => {
    const body = new Readable({ read() {} });
    body.push(part('key', 'k'));
    const reading = readUploadForm(body, TYPE);
    body.destroy(new Error('aborted'));
    await expect(reading).rejects.toMatchObject({ kind: 'incomplete-body' });
  });

  test('no more of a file is held than comes at once', async () => {
    let sent = 0;
    async function* endless() {
      yield Buffer.from(part('key', 'k') + file('').slice(0, -2));
      for (; ; sent += 65_536) yield Buffer.alloc(65_536);
    }
    const form = await readUploadForm(Readable.from(endless(), { objectMode: false }), TYPE);
    let taken = 0;
    for await (const piece of form.file) {
      taken += piece.length;
      expect(sent - taken).toBeLessThan(1024 * 1024);
      if (taken > 20 * 1024 * 1024) break;
    }
  });
});
