import { isMap, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { isPlain, scalarText, YamlSource } from '../yaml-source.ts';
import { type RubyHash, RubySymbol, type RubyValue } from './ruby.ts';

/**
 * The first document of a YAML text with the values that Ruby's Psych 4 gives its scalars, which is how the official
 * agent reads AppSpec files: YAML 1.1, more or less, without aliases and without dates.
 * @throws YamlError, or Error in Psych's words for what it refuses
 */
export function loadYaml(text: string): RubyValue {
  return revive(new YamlSource(text, { aliases: false }).root);
}

function revive(node: Node | null): RubyValue {
  if (node === null) return null;
  if (isScalar(node)) return reviveScalar(node);
  if (isMap(node)) return reviveMap(node);
  if (isSeq(node)) return reviveList(node);
  throw new Error(`Unknown alias: ${(node as { source?: string }).source}`);
}

function reviveList(list: YAMLSeq): RubyValue[] {
  refuseClass(list.tag);
  return list.items.map((item) => revive(item as Node | null));
}

function reviveMap(map: YAMLMap): RubyHash {
  refuseClass(map.tag);
  const hash: RubyHash = new Map();
  for (const { key, value } of map.items) {
    const [name, item] = [revive(key as Node | null), revive(value as Node | null)];
    const merged = name === '<<' && (key as Node).tag !== STRING ? mergedBy(item) : undefined;
    if (merged) for (const [k, v] of merged) hash.set(k, v);
    else hash.set(name, item);
  }
  return hash;
}

/** What `<<` merges, undefined when it is a key like others. What is merged replaces what stands before it. */
function mergedBy(value: RubyValue): RubyHash | undefined {
  if (value instanceof Map) return value;
  if (!Array.isArray(value) || !value.every((item) => item instanceof Map)) return undefined;
  return new Map(value.toReversed().flatMap((item) => [...item]));
}

const STRING = 'tag:yaml.org,2002:str';
const FLOAT = /^(?:tag:yaml\.org,2002:|!)float$/;
const BINARY = /^(?:tag:yaml\.org,2002:|!)binary$/;

/** Only symbols may be made besides the usual kinds. */
function refuseClass(tag: string | undefined): void {
  const name = /^!ruby\/[a-z-]+:?(.*)$/.exec(tag ?? '')?.[1];
  if (name !== undefined) throw unspecified(name || 'Object');
}

const unspecified = (name: string) => new Error(`Tried to load unspecified class: ${name}`);

function reviveScalar(scalar: Scalar): RubyValue {
  const text = scalarText(scalar);
  const { tag } = scalar;
  if (tag === undefined) return isPlain(scalar) ? tokenize(text) : text;
  if (tag === STRING || tag === '!str') return text;
  if (BINARY.test(tag)) return Buffer.from(text, 'base64').toString();
  if (/^!ruby\/sym(bol)?/.test(tag)) return new RubySymbol(text);
  refuseClass(tag);
  const value = tokenize(text);
  if (!FLOAT.test(tag)) return value;
  if (typeof value === 'bigint' || typeof value === 'number') return Number(value);
  return parseFloatText(String(value ?? ''));
}

const WORD = /^[^\d.:-]?[\p{Alphabetic}_\s!@#$%^&*(){}<>|/\\~;=]+/u;
const TIME =
  /^-?\d{4}-\d{1,2}-\d{1,2}(?:[Tt]|\s+)\d{1,2}:\d\d:\d\d(?:\.\d*)?(?:\s*(?:Z|[-+]\d{1,2}:?(?:\d\d)?))?$/;
const DATE = /^\d{4}-(?:1[012]|0\d|\d)-(?:[12]\d|3[01]|0\d|\d)$/;
const SYMBOL = /^:(?:(["'])(.*)\1|.)/;
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}$/;
const BASE_60_FLOAT = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9]){1,2}\.[0-9_]*$/;
const DECIMAL = /^[-+]?(?:[0-9][0-9_,]*)?\.[0-9]*(?:[eE][-+][0-9]+)?$/;
const INTEGER =
  /^(?:[-+]?0b[0-1_,]+|[-+]?0[0-7_,]+|[-+]?(?:0|[1-9](?:[0-9]|,[0-9]|_[0-9])*)|[-+]?0x[0-9a-fA-F_,]+)$/;

/** The value of a plain scalar. @throws Error for dates and times, which the official agent does not allow */
function tokenize(text: string): RubyValue {
  if (text === '') return null;
  if (text.includes('\n')) return text;
  if (WORD.test(text)) return wordValue(text);
  if (TIME.test(text)) throw unspecified('Time');
  if (DATE.test(text)) throw unspecified('Date');
  if (/^\+?\.inf$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-\.inf$/i.test(text)) return Number.NEGATIVE_INFINITY;
  if (/^\.nan$/i.test(text)) return Number.NaN;
  const symbol = SYMBOL.exec(text);
  if (symbol) return new RubySymbol((symbol[2] ?? text.slice(1)).replace(/^:/, ''));
  if (BASE_60.test(text)) return BigInt(base60(text));
  if (BASE_60_FLOAT.test(text)) return base60(text);
  if (DECIMAL.test(text)) return /^[-+]?\.$/.test(text) ? text : parseFloatText(text);
  return INTEGER.test(text) ? parseInteger(text) : text;
}

function wordValue(text: string): RubyValue {
  if (/^(?:~|null)$/i.test(text)) return null;
  if (/^(?:yes|true|on)$/i.test(text)) return true;
  return /^(?:no|false|off)$/i.test(text) ? false : text;
}

/** Hours, minutes and seconds; of two parts the first is hours too: Psych's way. */
function base60(text: string): number {
  const parts = text.split(':').map((part) => Number.parseFloat(part.replaceAll('_', '')));
  return parts.reduce((sum, part, i) => sum + part * 60 ** Math.abs(i - 2), 0);
}

function parseFloatText(text: string): number {
  const plain = text.replace(/[,_]|\.([Ee]|$)/g, '$1');
  const value = plain === '' || /\s/.test(plain) ? Number.NaN : Number(plain);
  if (Number.isNaN(value)) throw new Error(`invalid value for Float(): ${JSON.stringify(plain)}`);
  return value;
}

function parseInteger(text: string): bigint {
  const plain = text.replace(/[,_]/g, '');
  const size = plain.replace(/^[-+]/, '').replace(/^0(?=\d)/, '0o');
  try {
    return plain.startsWith('-') ? -BigInt(size) : BigInt(size);
  } catch {
    throw new Error(`invalid value for Integer(): ${JSON.stringify(plain)}`);
  }
}
