/**
 * JSON that keeps what AWS shapes are made of: dates and bytes survive, undefined members go.
 * Used for the one JSON column of a stored resource.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key, encoded) {
    const raw = this[key];
    if (raw instanceof Date) return { $date: raw.getTime() };
    if (raw instanceof Uint8Array) return { $bytes: Buffer.from(raw).toString('base64') };
    return encoded;
  });
}

/** The value that encodeJson wrote. The caller names its type; it is data that we wrote ourselves. */
export function decodeJson<T>(text: string): T {
  // Most values hold neither dates nor bytes, and looking at each member takes five times as long.
  if (!text.includes('{"$date":') && !text.includes('{"$bytes":')) return JSON.parse(text) as T;
  return JSON.parse(text, (_key, value) => {
    if (value !== null && typeof value === 'object') {
      if (typeof value.$date === 'number') return new Date(value.$date);
      if (typeof value.$bytes === 'string') return Buffer.from(value.$bytes, 'base64');
    }
    return value;
  }) as T;
}
