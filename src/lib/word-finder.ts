/**
 * Looks for many words in one pass over a text (Aho and Corasick's automaton): a character costs the same however many
 * words there are, and whatever they look like.
 */
export interface WordFinder {
  /**
   * Goes over the text and says each word that it finds once, by its place in the list.
   * @param found returns true when it has heard enough
   */
  search(text: string, found: (word: number) => boolean): void;
}

interface State {
  next: Map<number, number>;
  /** The state of the longest end of this one that begins a word too. */
  shorter: number;
  words: number[];
}

const ROOT = 0;

/** @param words none of them empty */
export function makeWordFinder(words: readonly string[]): WordFinder {
  const states = makeStates(words);
  const { classes, count } = classesOf(words);
  const table = makeTable(states, classes, count);
  return {
    search(text, found) {
      const met = new Uint8Array(states.length);
      const told = new Uint8Array(words.length);
      let state = ROOT;
      for (let i = 0; i < text.length; i++) {
        state = table[state * count + (classes[text.charCodeAt(i)] as number)] as number;
        if (met[state]) continue;
        met[state] = 1;
        for (const word of (states[state] as State).words) {
          if (told[word]) continue;
          told[word] = 1;
          if (found(word)) return;
        }
      }
    },
  };
}

function makeStates(words: readonly string[]): State[] {
  const states: State[] = [{ next: new Map(), shorter: ROOT, words: [] }];
  for (const [index, word] of words.entries()) {
    let at = states[ROOT] as State;
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i);
      const next = at.next.get(code) ?? states.length;
      if (next === states.length) {
        states.push({ next: new Map(), shorter: ROOT, words: [] });
        at.next.set(code, next);
      }
      at = states[next] as State;
    }
    at.words.push(index);
  }
  return states;
}

/** UTF-16 units that no word has are all alike: class 0. */
function classesOf(words: readonly string[]): { classes: Uint16Array; count: number } {
  const classes = new Uint16Array(65_536);
  let count = 1;
  for (const word of words)
    for (let i = 0; i < word.length; i++)
      if (classes[word.charCodeAt(i)] === 0) classes[word.charCodeAt(i)] = count++;
  return { classes, count };
}

/** Where each class leads from each state; goes through the states from short to long, so that shorter ones are known. */
function makeTable(states: State[], classes: Uint16Array, count: number): Int32Array {
  const table = new Int32Array(states.length * count);
  const queue = [ROOT];
  for (const at of queue) {
    const { next, shorter } = states[at] as State;
    if (at !== ROOT) table.copyWithin(at * count, shorter * count, (shorter + 1) * count);
    for (const [code, to] of next) {
      const place = at * count + (classes[code] as number);
      const state = states[to] as State;
      state.shorter = at === ROOT ? ROOT : (table[place] as number);
      state.words = [...state.words, ...(states[state.shorter] as State).words];
      table[place] = to;
      queue.push(to);
    }
  }
  return table;
}
