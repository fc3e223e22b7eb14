import { Transform } from 'node:stream';
import { LENGTH_DIGITS, packet, packetLength } from './pkt-line.ts';

/** What git says to people: gitprotocol-pack(5), side band 2; and 3, its last words. */
const FOR_PEOPLE = [2, 3];

/**
 * An answer of receive-pack without the server's own paths: git names the file of a reference in full where it cannot write it. Only
 * what is said in a side band has any; all that is no packet goes through as it is.
 * @param directory where the repository is
 */
export function withoutPlace(directory: string): Transform {
  let rest: Buffer = Buffer.alloc(0);
  let isPlain = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (isPlain) return done(null, chunk);
      rest = Buffer.concat([rest, chunk]);
      const out: Buffer[] = [];
      let at = 0;
      while (at + LENGTH_DIGITS <= rest.length) {
        const length = packetLength(rest, at) ?? 0;
        // A flush ends the report; what is behind it, or is no packet, is none of git's words.
        isPlain = length < LENGTH_DIGITS;
        if (isPlain || at + length > rest.length) break;
        out.push(shown(rest.subarray(at, at + length), directory));
        at += length;
      }
      if (isPlain) out.push(rest.subarray(at));
      rest = isPlain ? Buffer.alloc(0) : rest.subarray(at);
      done(null, Buffer.concat(out));
    },
    flush(done) {
      done(null, rest);
    },
  });
}

function shown(whole: Buffer, directory: string): Buffer {
  const band = whole[LENGTH_DIGITS];
  if (band === undefined || !FOR_PEOPLE.includes(band)) return whole;
  const text = whole.toString('latin1', LENGTH_DIGITS);
  const place = Buffer.from(directory).toString('latin1');
  return text.includes(place)
    ? packet(Buffer.from(text.replaceAll(`${place}/`, '').replaceAll(place, '.'), 'latin1'))
    : whole;
}
