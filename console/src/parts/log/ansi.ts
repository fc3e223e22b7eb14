/** What programs write for terminals, as spans of plain text. Pure. */

export interface Span {
  text: string;
  /** Classes of app.css: `ansi-fg-1 ansi-bold`. */
  look: string;
  /** Colors beyond the sixteen, as CSS has them. */
  color?: string;
}

const ESC = '\\u001b';
/** Sequences that color (their parameters are caught), all others, and control characters that stand alone. */
const SEQUENCE = new RegExp(
  `${ESC}\\[([0-9;]*)m|${ESC}\\[[0-?]*[ -/]*[@-~]|${ESC}\\][^\\u0007${ESC}]*(?:\\u0007|${ESC}\\\\)?|${ESC}[ -~]?|[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u0080-\\u009f]`,
  'g',
);

interface State {
  flags: Set<string>;
  front: string;
  back: string;
  color: string | undefined;
}

const FLAGS: Record<number, string> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline' };
const fresh = (): State => ({ flags: new Set(), front: '', back: '', color: undefined });

/** One of 256: sixteen by name, a cube of 6 × 6 × 6, and greys. */
function paletteColor(n: number): { front: string; color?: string } {
  if (n < 16) return { front: `fg-${n}` };
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return { front: '', color: `rgb(${grey}, ${grey}, ${grey})` };
  }
  const level = (part: number) => (part === 0 ? 0 : 55 + part * 40);
  const cube = n - 16;
  const [r, g, b] = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level);
  return { front: '', color: `rgb(${r}, ${g}, ${b})` };
}

const byte = (n: number | undefined) => Math.min(255, Math.max(0, n ?? 0));

/** @returns how many parameters it took */
function extended(state: State, codes: number[], at: number, front: boolean): number {
  if (codes[at + 1] === 5) {
    const { front: name, color } = paletteColor(byte(codes[at + 2]));
    if (front) Object.assign(state, { front: name, color });
    return 3;
  }
  if (codes[at + 1] !== 2) return 1;
  const [r, g, b] = [codes[at + 2], codes[at + 3], codes[at + 4]].map(byte);
  if (front) Object.assign(state, { front: '', color: `rgb(${r}, ${g}, ${b})` });
  return 5;
}

function apply(state: State, parameters: string) {
  const codes = parameters.split(';').map(Number);
  for (let i = 0; i < codes.length; ) i += applyOne(state, codes, i);
}

function applyOne(state: State, codes: number[], at: number): number {
  const code = codes[at] ?? 0;
  if (code === 0) Object.assign(state, fresh());
  else if (code <= 4) state.flags.add(FLAGS[code] ?? '');
  else if (code === 22) for (const flag of ['bold', 'dim']) state.flags.delete(flag);
  else if (code === 23 || code === 24) state.flags.delete(FLAGS[code - 20] ?? '');
  else if (code === 38 || code === 48) return extended(state, codes, at, code === 38);
  else if (code === 39) Object.assign(state, { front: '', color: undefined });
  else if (code === 49) state.back = '';
  else if (code >= 30 && code <= 37)
    Object.assign(state, { front: `fg-${code - 30}`, color: undefined });
  else if (code >= 90 && code <= 97)
    Object.assign(state, { front: `fg-${code - 82}`, color: undefined });
  else if (code >= 40 && code <= 47) state.back = `bg-${code - 40}`;
  else if (code >= 100 && code <= 107) state.back = `bg-${code - 92}`;
  return 1;
}

const lookOf = ({ flags, front, back }: State) =>
  [...flags, front, back]
    .filter((name) => name !== '')
    .map((name) => `ansi-${name}`)
    .join(' ');

/** What a terminal still shows of a line: what follows the last carriage return, as progress bars use it. */
function afterReturns(line: string): string {
  const whole = line.replace(/\r+$/, '');
  return whole.slice(whole.lastIndexOf('\r') + 1);
}

/** A line as spans; all that is no text and no color is gone. Colors end with the line. */
export function spansOf(line: string): Span[] {
  const text = afterReturns(line);
  const spans: Span[] = [];
  const state = fresh();
  let from = 0;
  const add = (to: number) => {
    if (to > from)
      spans.push({
        ...{ text: text.slice(from, to), look: lookOf(state) },
        ...(state.color !== undefined && { color: state.color }),
      });
  };
  for (const found of text.matchAll(SEQUENCE)) {
    add(found.index);
    from = found.index + found[0].length;
    if (found[1] !== undefined) apply(state, found[1]);
  }
  add(text.length);
  return spans;
}

/** A line without its colors: what is searched and copied. */
export const plainOf = (line: string) => afterReturns(line).replace(SEQUENCE, '');

export interface Marked extends Span {
  found: boolean;
}

/** The same spans, cut where a search's text stands in the line. */
export function marked(spans: readonly Span[], search: string): Marked[] {
  const wanted = search.toLowerCase();
  if (wanted === '') return spans.map((span) => ({ ...span, found: false }));
  const whole = spans
    .map(({ text }) => text)
    .join('')
    .toLowerCase();
  const cuts: number[] = [];
  for (let at = whole.indexOf(wanted); at !== -1; at = whole.indexOf(wanted, at + wanted.length))
    cuts.push(at, at + wanted.length);
  const result: Marked[] = [];
  let position = 0;
  let next = 0;
  for (const span of spans) {
    let { text } = span;
    while (text !== '') {
      while ((cuts[next] ?? Number.POSITIVE_INFINITY) <= position) next += 1;
      const length = Math.min(text.length, (cuts[next] ?? Number.POSITIVE_INFINITY) - position);
      result.push({ ...span, text: text.slice(0, length), found: next % 2 === 1 });
      text = text.slice(length);
      position += length;
    }
  }
  return result;
}
