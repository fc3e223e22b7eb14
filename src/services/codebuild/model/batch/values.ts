import { setOwn } from '../../../../lib/own.ts';
import { nameOf, type Place, type YamlReader } from '../yaml-reader.ts';
import type { TaskEnvironment } from './task.ts';

const ENV_KEYS = ['compute-type', 'fleet', 'image', 'privileged-mode', 'type', 'variables'];

/**
 * The members of a block of which only `keys` are allowed: others are problems. A key without a value says nothing, whatever
 * it is called.
 */
export function taken(
  reader: YamlReader,
  place: Place,
  keys: readonly string[],
): Map<string, Place> {
  const members = reader.members(place);
  for (const [key, at] of members) {
    if (keys.includes(key)) continue;
    if (!reader.isNull(at)) reader.refuse(at, `is no key of ${nameOf(place.path)}`);
    members.delete(key);
  }
  return members;
}

/** `env` of a build (CB-G2): one value each. */
export function readEnv(reader: YamlReader, place: Place | undefined): TaskEnvironment {
  if (!place || reader.isNull(place)) return {};
  const keys = taken(reader, place, ENV_KEYS);
  const text = (name: string) => {
    const at = keys.get(name);
    return at ? reader.scalar(at).trim() : '';
  };
  const [type, image, computeType] = [text('type'), text('image'), text('compute-type')];
  const fleet = text('fleet');
  const privileged = keys.get('privileged-mode');
  const variables = keys.get('variables');
  return {
    ...(type && { type }),
    ...(image && { image }),
    ...(computeType && { computeType }),
    ...(fleet && { fleet }),
    ...(privileged && !reader.isNull(privileged) && { privilegedMode: reader.flag(privileged) }),
    ...(variables && { variables: readVariables(reader, variables) }),
  };
}

function readVariables(reader: YamlReader, place: Place): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, at] of reader.members(place)) setOwn(variables, name, reader.scalar(at));
  return variables;
}

/** A list of texts, or one; each is a plain value. */
export function readTexts(reader: YamlReader, place: Place | undefined): string[] {
  return reader.texts(place).map((text) => text.trim());
}

/** A number between these two. @throws SpecError */
export function readTimes(
  reader: YamlReader,
  block: Place,
  place: Place | undefined,
  [least, most]: readonly [number, number],
): number {
  if (!place || reader.isNull(place)) return reader.fail(block, 'has no parallelism');
  const text = reader.scalar(place).trim();
  const number = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (number >= least && number <= most) return number;
  return reader.fail(place, `is ${text}; it must be a number from ${least} to ${most},`);
}
