/** Directories reached by links of one reading; links of links of links … can be made to be more than anybody has. */
const MOST_LINKS = 10_000;

export function tooManyLinks(followed: number): boolean {
  return followed > MOST_LINKS;
}

/**
 * Whether following a link to `target` would come around to a directory that is being read.
 * @param from the real directories that links were followed from, the link's own last
 */
export function isCircle(target: string, from: string[]): boolean {
  const above = target.endsWith('/') ? target : `${target}/`;
  return from.some((directory) => `${directory}/`.startsWith(above));
}
