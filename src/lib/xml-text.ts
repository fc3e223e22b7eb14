/** What XML 1.0 cannot hold, and messages of SQS neither: https://www.w3.org/TR/xml/#charsets */
const NO_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu;

/** A text that XML can hold: other characters are replaced. */
export const xmlText = (text: string): string => text.replaceAll(NO_XML, '\uFFFD');

/** JSON that XML can hold, with the same meaning: of what XML has not, JSON.stringify itself leaves two characters alone. */
export const xmlJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[\uFFFE\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
