/** More of a client's first words than any client has. */
const MOST_BYTES = 64 * 1024;
const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;

/**
 * Reads of a connection's first bytes which server the client asks for: https://www.rfc-editor.org/rfc/rfc6066#section-3
 * @returns 'more' where they do not suffice; no name where the client says none, or does not speak TLS at all
 */
export function helloOf(bytes: Buffer): 'more' | { name: string | undefined } {
  const hello = handshakeOf(bytes);
  if (hello === 'more') return bytes.length > MOST_BYTES ? { name: undefined } : 'more';
  return { name: hello && serverNameIn(hello) };
}

/** The body of the first handshake message, which may lie in several records. */
function handshakeOf(bytes: Buffer): 'more' | Buffer | undefined {
  const parts: Buffer[] = [];
  let have = 0;
  for (let at = 0; ; ) {
    if (bytes.length > at && bytes[at] !== HANDSHAKE) return undefined;
    if (bytes.length < at + 5) return 'more';
    const size = bytes.readUInt16BE(at + 3);
    if (bytes[at + 1] !== 3 || size === 0 || size > 16_384) return undefined;
    const part = bytes.subarray(at + 5, at + 5 + size);
    parts.push(part);
    have += part.length;
    at += 5 + size;
    if (have < 4) {
      if (part.length < size) return 'more';
      continue;
    }
    const all = parts.length === 1 ? part : Buffer.concat(parts);
    const length = all.readUIntBE(1, 3);
    if (all[0] !== CLIENT_HELLO || length > MOST_BYTES) return undefined;
    if (have >= 4 + length) return all.subarray(4, 4 + length);
    if (part.length < size) return 'more';
  }
}

/** Walks over what stands before. Nothing is read behind the end: such a hello names no server. */
function serverNameIn(hello: Buffer): string | undefined {
  try {
    // Its version and 32 random bytes; then the session, the ciphers and the compressions, each with its length before it.
    let at = 34;
    at += 1 + hello.readUInt8(at);
    at += 2 + hello.readUInt16BE(at);
    at += 1 + hello.readUInt8(at);
    const end = at + 2 + hello.readUInt16BE(at);
    at += 2;
    while (at + 4 <= end) {
      const size = hello.readUInt16BE(at + 2);
      if (hello.readUInt16BE(at) === SERVER_NAME) {
        // A list of one, of the only type there is.
        const length = hello.readUInt16BE(at + 7);
        const name = hello.subarray(at + 9, at + 9 + length);
        if (hello[at + 6] !== 0 || name.length < length || length + 5 > size) return undefined;
        return name.toString('latin1').toLowerCase();
      }
      at += 4 + size;
    }
    return undefined;
  } catch {
    return undefined;
  }
}
