import { Readable } from 'node:stream';
import { AuthFailure } from '../../../aws/auth/failure.ts';
import { AwsError } from '../../../aws/errors.ts';

/** What a browser's form holds before its file, and the file as it comes. */
export interface UploadForm {
  /** By name in lower case; values as UTF-8. */
  fields: Map<string, string>;
  fileName: string;
  file: Readable;
}

/** All that stands before the file. https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html */
const MAX_FIELD_BYTES = 20 * 1024;

const malformed = () =>
  new AwsError(
    'MalformedPOSTRequest',
    'The body of your POST request is not well-formed multipart/form-data.',
  );

/**
 * Reads a `multipart/form-data` body up to its file. No more than the fields is held, and what follows the file is
 * not looked at, as on AWS.
 * @throws AwsError MalformedPOSTRequest, MaxPostPreDataLengthExceeded, InvalidArgument; the file ends in the first of them
 * when its end does not come
 */
export async function readUploadForm(body: Readable, contentType: string): Promise<UploadForm> {
  const reader = new BoundedReader(body);
  const delimiter = Buffer.from(`\r\n--${boundaryOf(contentType)}`, 'latin1');
  // The first delimiter has no line before it: it is read as if it had.
  reader.unread(Buffer.from('\r\n'));
  await reader.until(delimiter);
  const fields = new Map<string, string>();
  for (;;) {
    const after = (await reader.until(Buffer.from('\r\n'))).toString('latin1');
    if (after.startsWith('--')) throw wrongNumber('file', 0);
    if (after.trim() !== '') throw malformed();
    const { name, fileName } = await readDisposition(reader);
    if (name === 'file')
      return {
        fields,
        fileName,
        file: Readable.from(reader.file(delimiter), { objectMode: false }),
      };
    if (fields.has(name)) throw wrongNumber(name, 2);
    fields.set(name, (await reader.until(delimiter)).toString('utf8'));
  }
}

function wrongNumber(name: string, count: number): AwsError {
  const what = name === 'file' ? 'file upload' : `field named '${name}'`;
  return new AwsError('InvalidArgument', `POST requires exactly one ${what} per request.`, 400, {
    ArgumentName: name,
    ArgumentValue: String(count),
  });
}

function boundaryOf(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain ?? '';
  if (boundary === '' || boundary.length > 70) throw malformed();
  return boundary;
}

/** The headers of a part. They say no more than its name and, of a file, that of the file. */
async function readDisposition(reader: BoundedReader): Promise<{ name: string; fileName: string }> {
  let found: { name: string; fileName: string } | undefined;
  for (;;) {
    const line = (await reader.until(Buffer.from('\r\n'))).toString('utf8');
    if (line === '') break;
    if (!/^content-disposition:\s*form-data\s*;/i.test(line)) continue;
    found = {
      name: parameter(line, 'name').toLowerCase(),
      fileName: parameter(line, 'filename').replace(/^.*[/\\]/s, ''),
    };
  }
  if (!found || found.name === '') throw malformed();
  return found;
}

function parameter(line: string, name: string): string {
  const pattern = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]*))`, 'i');
  const [, quoted, plain] = pattern.exec(line) ?? [];
  // Browsers write a quotation mark and line breaks so, and nothing else.
  return (quoted ?? plain ?? '').replace(/%(22|0D|0A)/gi, (text) => decodeURIComponent(text));
}

/** Reads a stream by delimiters, holding no more than a form's fields may take. */
class BoundedReader {
  readonly #body: Readable;
  readonly #source: AsyncIterator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #taken = 0;

  constructor(body: Readable) {
    this.#body = body;
    this.#source = body.iterator({ destroyOnReturn: false });
  }

  unread(bytes: Buffer): void {
    this.#held = Buffer.concat([bytes, this.#held]);
  }

  /** What stands before the next `delimiter`, which is taken too. */
  async until(delimiter: Buffer): Promise<Buffer> {
    for (let from = 0; ; ) {
      const at = this.#held.indexOf(delimiter, from);
      const needed = at < 0 ? this.#held.length : at;
      if (this.#taken + needed > MAX_FIELD_BYTES) throw fieldsTooLarge();
      if (at >= 0) {
        const piece = this.#held.subarray(0, at);
        this.#held = this.#held.subarray(at + delimiter.length);
        this.#taken += at + delimiter.length;
        return piece;
      }
      from = Math.max(0, this.#held.length - delimiter.length + 1);
      this.#held = Buffer.concat([this.#held, await this.#next()]);
    }
  }

  /** Everything up to `delimiter`, as it comes; what follows is dropped. */
  async *file(delimiter: Buffer): AsyncGenerator<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield this.#held.subarray(0, at);
        this.#held = Buffer.alloc(0);
        this.#body.resume();
        return;
      }
      const safe = this.#held.length - delimiter.length + 1;
      if (safe > 0) {
        yield this.#held.subarray(0, safe);
        this.#held = this.#held.subarray(safe);
      }
      this.#held = Buffer.concat([this.#held, await this.#next()]);
    }
  }

  async #next(): Promise<Buffer> {
    // Whatever it fails with, the sender is gone.
    const next = await this.#source.next().catch(() => {
      throw new AuthFailure('incomplete-body');
    });
    if (next.done) throw malformed();
    return next.value;
  }
}

function fieldsTooLarge(): AwsError {
  return new AwsError(
    'MaxPostPreDataLengthExceeded',
    'Your POST request fields preceding the upload file were too large.',
  );
}
