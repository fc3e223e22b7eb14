import { createHash, createSecretKey } from 'node:crypto';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { VerifiedBody } from './body.ts';
import { Checksums } from './checksums.ts';
import { ChunkedDecoder, type ChunkedOptions } from './chunked.ts';
import { AuthFailure } from './failure.ts';
import { deriveSigningKey } from './signing-key.ts';
import { EXAMPLE_KEY } from './testing.ts';

// The published examples: 66,560 bytes of `a`, in chunks of 64 KiB, on 24 May 2013.
const SCOPE = { date: '20130524', region: 'us-east-1', service: 's3' };
const signing = (seed: string) => ({
  key: createSecretKey(deriveSigningKey(EXAMPLE_KEY.secretAccessKey, SCOPE)),
  date: '20130524T000000Z',
  scope: '20130524/us-east-1/s3/aws4_request',
  seed,
});
const a = (n: number) => 'a'.repeat(n);

const SIGNED = {
  options: {
    signing: signing('4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9'),
    trailers: [],
    decodedLength: 66_560,
  },
  wire: [
    '10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    a(65_536),
    '400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    a(1024),
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    '',
    '',
  ].join('\r\n'),
};

// The signature of the trailer is not the published one, which was made with AWS4-HMAC-SHA256-PAYLOAD in place of the
// AWS4-HMAC-SHA256-TRAILER that the text beside it and all clients say.
const TRAILER = {
  options: {
    signing: signing('106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e'),
    trailers: ['x-amz-checksum-crc32c'],
    decodedLength: 66_560,
  },
  wire: [
    '10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    a(65_536),
    '400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    a(1024),
    '0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
    'x-amz-checksum-crc32c:sOO8/Q==',
    'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    '',
    '',
  ].join('\r\n'),
};

const crcOf = (text: string) => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(crc32(text));
  return out.toString('base64');
};

const UNSIGNED = {
  options: { trailers: ['x-amz-checksum-crc32'], decodedLength: 11 },
  wire: `6\r\nhello \r\n5\r\nworld\r\n0\r\nx-amz-checksum-crc32:${crcOf('hello world')}\r\n\r\n`,
};

function body(options: ChunkedOptions, pieces: Buffer[]) {
  const checksums = new Checksums();
  for (const name of options.trailers) checksums.addTrailer(name);
  return new VerifiedBody(Readable.from(pieces), {
    decoder: new ChunkedDecoder(options),
    checksums,
    length: options.decodedLength,
  });
}

/** Decodes the wire cut at `cuts`. @returns the body, or the kind of failure */
async function decode(options: ChunkedOptions, wire: string | Buffer, cuts: number[] = []) {
  const bytes = Buffer.from(wire as string);
  const at = [0, ...[...cuts].sort((x, y) => x - y), bytes.length];
  const pieces = at
    .slice(1)
    .map((end, i) => bytes.subarray(at[i], end))
    .filter((piece) => piece.length > 0);
  try {
    const out: Buffer[] = [];
    for await (const piece of body(options, pieces).stream()) out.push(piece);
    const text = Buffer.concat(out).toString();
    return text === a(66_560) ? '66560 a' : text;
  } catch (error) {
    if (error instanceof AuthFailure) return error.kind;
    throw error;
  }
}

describe('aws-chunked', () => {
  it("decodes AWS's example of signed chunks", async () => {
    expect(await decode(SIGNED.options, SIGNED.wire)).toBe('66560 a');
  });

  it("decodes AWS's example of signed chunks with a trailer, checksum and all", async () => {
    expect(await decode(TRAILER.options, TRAILER.wire)).toBe('66560 a');
  });

  it('decodes unsigned chunks with a trailer, and tells the trailer', async () => {
    const reading = body(UNSIGNED.options, [Buffer.from(UNSIGNED.wire)]);
    expect((await reading.bytes(100)).toString()).toBe('hello world');
    expect(reading.trailers).toEqual({ 'x-amz-checksum-crc32': crcOf('hello world') });
  });

  it('takes no notice of trailers that are no checksums', async () => {
    const wire = UNSIGNED.wire.replace(/\r\n\r\n$/, '\r\nconstructor:x\r\n\r\n');
    const trailers = [...UNSIGNED.options.trailers, 'constructor'];
    const reading = body({ ...UNSIGNED.options, trailers }, [Buffer.from(wire)]);
    expect((await reading.bytes(100)).toString()).toBe('hello world');
  });

  it('property: it does not matter where the network cuts', async () => {
    const cuts = fc.array(fc.nat({ max: TRAILER.wire.length }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        expect(await decode(TRAILER.options, TRAILER.wire, at)).toBe('66560 a');
        expect(
          await decode(
            UNSIGNED.options,
            UNSIGNED.wire,
            at.map((n) => n % UNSIGNED.wire.length),
          ),
        ).toBe('hello world');
      }),
      { numRuns: 60 },
    );
  });

  it('property: a changed byte of data, chunk signature, checksum or trailer signature is refused', async () => {
    const at = fc.nat({ max: TRAILER.wire.length - 5 });
    await fc.assert(
      fc.asyncProperty(at, async (i) => {
        const bytes = Buffer.from(TRAILER.wire);
        bytes[i] = (bytes[i] as number) ^ 1;
        expect(await decode(TRAILER.options, bytes)).toMatch(/-/);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['ends early', UNSIGNED.wire.slice(0, 20), 'incomplete-body'],
    ['has no last chunk', '6\r\nhello \r\n', 'incomplete-body'],
    ['is longer than it says', `${'c\r\nhello world!\r\n0\r\n'}\r\n`, 'incomplete-body'],
    ['has no size', 'hello\r\n', 'incomplete-body'],
    ['has no trailer', '6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n', 'malformed-trailer'],
    [
      'has a trailer that was not announced',
      `${UNSIGNED.wire.slice(0, -2)}x-amz-meta:1\r\n\r\n`,
      'malformed-trailer',
    ],
    [
      'has another checksum',
      UNSIGNED.wire.replace(crcOf('hello world'), 'AAAAAA=='),
      'wrong-checksum',
    ],
    [
      'has no checksum in its trailer',
      UNSIGNED.wire.replace(crcOf('hello world'), 'AA'),
      'invalid-checksum',
    ],
  ])('is refused when it %s', async (_, wire, kind) => {
    expect(await decode(UNSIGNED.options, wire)).toBe(kind);
  });
});

describe('checksums in headers', () => {
  const text = 'hello';
  const node = (name: string) => createHash(name).update(text).digest('base64');
  const cases: [string, string][] = [
    ['content-md5', node('md5')],
    ['x-amz-checksum-crc32', crcOf(text)],
    ['x-amz-checksum-crc32c', 'mnG7TA=='],
    ['x-amz-checksum-crc64nvme', 'M3eFcAZSQlc='],
    ['x-amz-checksum-sha1', node('sha1')],
    ['x-amz-checksum-sha256', node('sha256')],
  ];

  function check(header: string, value: string, content: string) {
    const checksums = new Checksums();
    checksums.addHeaders({ [header]: value });
    return new VerifiedBody(Readable.from([Buffer.from(content)]), {
      checksums,
      length: undefined,
    }).bytes(100);
  }

  it.each(cases)('%s of the body is accepted, of another refused', async (header, value) => {
    expect((await check(header, value, text)).toString()).toBe(text);
    await expect(check(header, value, 'hellO')).rejects.toMatchObject({
      kind: header === 'content-md5' ? 'wrong-digest' : 'wrong-checksum',
    });
  });

  it('that are none are refused', () => {
    expect(() => new Checksums().addHeaders({ 'x-amz-checksum-crc32': 'x' })).toThrow(AuthFailure);
    for (const value of ['', 'x', '!'.repeat(24), `${'A'.repeat(22)}==!`]) {
      const add = () => new Checksums().addHeaders({ 'content-md5': value });
      expect(add).toThrow(expect.objectContaining({ kind: 'invalid-digest' }));
    }
  });
});

describe('tiny chunks', () => {
  it('come as few pieces, and in their order', () => {
    const tiny = Array.from({ length: 5000 }, (_, at) => `1\r\n${at % 10}\r\n`).join('');
    const decoder = new ChunkedDecoder({ trailers: [], decodedLength: 10_000 });
    const pieces = decoder.push(Buffer.from(`${tiny}1388\r\n${a(5000)}\r\n`));
    expect(pieces.map((piece) => piece.length)).toEqual([5000, 5000]);
    expect(Buffer.concat(pieces).toString()).toBe('0123456789'.repeat(500) + a(5000));
  });
});
