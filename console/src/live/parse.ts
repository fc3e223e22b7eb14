/** Server-sent events as they come in pieces. https://html.spec.whatwg.org/multipage/server-sent-events.html Pure. */

export interface Sent {
  id: string | undefined;
  event: string;
  data: string;
}

/** Takes text piece by piece; gives the events that each piece completes. */
export function eventReader() {
  let rest = '';
  let id: string | undefined;
  let event = '';
  let data: string[] = [];

  function line(text: string): Sent | undefined {
    if (text === '') {
      const sent =
        data.length > 0 || event !== '' ? { id, event, data: data.join('\n') } : undefined;
      event = '';
      data = [];
      return sent;
    }
    const colon = text.indexOf(':');
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? '' : text.slice(colon + 1).replace(/^ /, '');
    if (field === 'data') data.push(value);
    if (field === 'event') event = value;
    if (field === 'id') id = value;
    return undefined;
  }

  return (piece: string): Sent[] => {
    const lines = (rest + piece).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    return lines.map(line).filter((sent) => sent !== undefined);
  };
}
