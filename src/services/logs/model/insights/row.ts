import { Instant, type Value } from './values.ts';

/** An event as a query sees it. */
export interface QueryEvent {
  timestamp: number;
  message: string;
  /** 56 digits: `eventId`. */
  id: string;
  ingestedAt: number;
  logStream: string;
  /** ACCOUNT:GROUP. */
  log: string;
  /** What `@ptr` shows. */
  pointer: () => string;
}

/** What a query works on: an event, or a line of statistics, with the fields that commands have added. */
export class Row {
  readonly event: QueryEvent | undefined;
  readonly #added: Map<string, Value> | undefined;
  #json: object | null | undefined;

  constructor(event: QueryEvent | undefined, added?: Map<string, Value>) {
    this.event = event;
    this.#added = added;
  }

  with(fields: Iterable<[string, Value]>): Row {
    const added = new Map(this.#added);
    for (const [name, value] of fields) added.set(name, value);
    const row = new Row(this.event, added);
    row.#json = this.#json;
    return row;
  }

  get(name: string): Value {
    if (this.#added !== undefined) {
      if (this.#added.has(name)) return this.#added.get(name);
      const found = this.#withinAdded(name);
      if (found !== undefined) return found;
    }
    if (this.event === undefined) return undefined;
    return name.startsWith('@') ? systemField(this.event, name) : valueAt(this.#document(), name);
  }

  /** `map.attribute` of what jsonParse or parse has made. */
  #withinAdded(name: string): Value {
    for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
      const map = this.#added?.get(name.slice(0, dot));
      if (map !== undefined && typeof map === 'object' && !(map instanceof Instant))
        return valueAt(map, name.slice(dot + 1));
    }
    return undefined;
  }

  #document(): object | null {
    this.#json ??= parseDocument(this.event?.message ?? '');
    return this.#json === NONE ? null : this.#json;
  }
}

const NONE = {};

function parseDocument(message: string): object {
  return documentOf(message) ?? NONE;
}

/** The JSON object that a message is; undefined where it is none. */
export function documentOf(message: string): object | undefined {
  let start = 0;
  while (message.charCodeAt(start) <= 32) start++;
  if (message[start] !== '{') return undefined;
  try {
    const found: unknown = JSON.parse(message);
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined;
  }
}

function systemField(event: QueryEvent, name: string): Value {
  switch (name) {
    case '@timestamp':
      return new Instant(event.timestamp);
    case '@message':
      return event.message;
    case '@logStream':
      return event.logStream;
    case '@log':
      return event.log;
    case '@ingestionTime':
      return new Instant(event.ingestedAt);
    case '@ptr':
      return event.pointer();
    default: {
      const json = documentOf(event.message);
      return json === undefined ? undefined : valueAt(json, name);
    }
  }
}

/** `a.b.0`, where a key may have dots itself. */
export function valueAt(document: object | null, path: string): Value {
  if (document === null) return undefined;
  if (Object.hasOwn(document, path)) return shown((document as Record<string, unknown>)[path]);
  for (let dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
    const key = path.slice(0, dot);
    if (!Object.hasOwn(document, key)) continue;
    const inner = (document as Record<string, unknown>)[key];
    if (typeof inner === 'object' && inner !== null) {
      const found = valueAt(inner, path.slice(dot + 1));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const shown = (found: unknown): Value => (found === null ? undefined : (found as Value));
