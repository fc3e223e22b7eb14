/** A tag's arguments: a command as one types it. */
export type Typed = [text: TemplateStringsArray, ...values: (string | number | string[])[]];

/**
 * Splits a command into words as a shell would, by white space outside of quotes, but nothing is expanded. A value
 * goes into the word that it stands in as it is, whatever is in it; a list is as many words.
 * @throws Error for a quote that is not closed, or a list that is part of a word
 */
export function words({ raw }: TemplateStringsArray, ...values: Typed[1][]): string[] {
  const found: string[] = [];
  let word: string | undefined;
  let quote = '';
  const end = () => {
    if (word !== undefined) found.push(word);
    word = undefined;
  };
  raw.forEach((text, index) => {
    for (const letter of text) {
      if (quote) {
        if (letter === quote) quote = '';
        else word += letter;
      } else if (letter === "'" || letter === '"') {
        quote = letter;
        word ??= '';
      } else if (/\s/.test(letter)) end();
      else word = (word ?? '') + letter;
    }
    const value = values[index];
    if (value === undefined) return;
    if (!Array.isArray(value)) {
      word = `${word ?? ''}${value}`;
      return;
    }
    if (word !== undefined || !/^(\s|$)/.test(raw[index + 1] ?? ''))
      throw new Error('A list stands by itself');
    found.push(...value);
  });
  if (quote) throw new Error(`A ${quote} is not closed in: ${raw.join('…')}`);
  end();
  return found;
}
