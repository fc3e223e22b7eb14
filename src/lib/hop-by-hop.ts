/** They are about one connection and not about the message. https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/**
 * Which headers of a message (by names in small letters) a proxy does not hand on.
 * @param connection the values of its header Connection: what they name belongs to the connection too
 */
export function hopByHop(connection: readonly string[]): (name: string) => boolean {
  if (connection.length === 0) return (name) => HOP_BY_HOP.has(name);
  const names = connection.join(',').toLowerCase().split(',');
  const named = new Set(names.map((name) => name.trim()));
  // Nobody can take from a proxy what says how long the message is, or to whom it goes.
  named.delete('host');
  named.delete('content-length');
  return (name) => HOP_BY_HOP.has(name) || named.has(name);
}
