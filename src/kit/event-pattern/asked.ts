import { ownValue } from '../../lib/own.ts';
import { namesIn, OR } from './branches.ts';
import { Members, readMembers } from './members.ts';

/**
 * What a pattern asks of a name of the event itself, whatever else holds: undefined where it asks for nothing, or where a
 * `$or` may ask for something else instead.
 * @param pattern as JSON, one that compiles
 */
export function askedOf(pattern: string, name: string): unknown {
  const read = readMembers(pattern);
  if (!(read instanceof Members)) return undefined;
  const alternatives = new Members(read.entries.filter(([each]) => each === OR));
  return [...namesIn(alternatives)].includes(name) ? undefined : ownValue(read.plain, name);
}
