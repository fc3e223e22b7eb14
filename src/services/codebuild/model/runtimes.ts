import { ownValue, setOwn } from '../../../lib/own.ts';
import { PhaseFailure } from './build-state.ts';
import { type Place, YamlReader } from './yaml-reader.ts';

/** Where AWS's images say which runtimes they have. */
export const RUNTIMES_FILE = '/codebuild/image/config/runtimes.yml';

/** One version of a runtime, as an image offers it. */
interface Offer {
  commands: string[];
  /** By runtime: versions of which one must be there too, and those that must not. */
  requires: Record<string, string[]>;
  conflicts: Record<string, string[]>;
}

/** By runtime and version. */
export type Runtimes = Record<string, Record<string, Offer>>;

/** Reads the runtimes.yml of an image (aws-codebuild-docker-images). @throws SpecError */
export function readRuntimes(text: string): Runtimes {
  const reader = new YamlReader(text);
  const found: Runtimes = {};
  const runtimes = reader.members(reader.root()).get('runtimes');
  for (const [name, runtime] of reader.members(runtimes)) {
    const offers: Record<string, Offer> = {};
    for (const [version, place] of reader.members(reader.members(runtime).get('versions'))) {
      const keys = reader.members(place);
      const lists = (key: string) => listsOf(reader, keys.get(key));
      setOwn(offers, version, {
        ...{ commands: reader.texts(keys.get('commands')) },
        ...{ requires: lists('requires'), conflicts: lists('conflicts') },
      });
    }
    setOwn(found, name, offers);
  }
  return found;
}

function listsOf(reader: YamlReader, place: Place | undefined): Record<string, string[]> {
  return Object.fromEntries(
    [...reader.members(place)].map(([name, value]) => [name, reader.texts(value)]),
  );
}

/** What of the runtimes of an image a build has. */
export interface Choice {
  /** By runtime, in the order in which they are set up. */
  versions: Record<string, string>;
  commands: string[];
  /** Versions that the image does not offer: AWS installs them as they come, by its version managers. */
  others: Record<string, string>;
}

/**
 * Chooses runtimes (CB-A20): exact versions, `N.x` and `latest`.
 * @throws PhaseFailure for runtimes that the image does not have, and for those that do not go together
 */
export function chooseRuntimes(wanted: Record<string, string>, offered: Runtimes): Choice {
  const versions: Record<string, string> = {};
  const others: Record<string, string> = {};
  for (const [name, version] of Object.entries(wanted)) {
    const offers = ownValue(offered, name);
    const chosen = offers && bestOf(Object.keys(offers), version);
    if (!offers) {
      const known = Object.keys(offered).join(', ');
      throw failure(
        `Unknown runtime named '${name}'. This build image has the following runtimes: ${known}`,
      );
    }
    setOwn(chosen === undefined ? others : versions, name, chosen ?? version);
  }
  const all: Record<string, string> = {};
  for (const [name, version] of Object.entries(versions)) add(name, version);
  return { versions: all, commands: commandsOf(all, offered), others };

  /** What a runtime needs comes before it. */
  function add(name: string, version: string): void {
    if (ownValue(all, name) === version) return;
    const { requires = {}, conflicts = {} } = ownValue(offered[name] ?? {}, version) ?? {};
    for (const [other, fitting] of Object.entries(conflicts)) {
      const own = ownValue(versions, other);
      if (own !== undefined && fitting.includes(own))
        throw failure(`Runtime ${name} ${version} conflicts with ${other} ${own}`);
    }
    for (const [other, fitting] of Object.entries(requires)) {
      const own = ownValue(versions, other) ?? ownValue(all, other) ?? fitting[0];
      if (own === undefined || !fitting.includes(own))
        throw failure(`Runtime ${name} ${version} requires ${other} ${fitting.join(' or ')}`);
      if (ownValue(all, other) === undefined) add(other, own);
    }
    setOwn(all, name, version);
  }
}

const failure = (message: string) => new PhaseFailure('YAML_FILE_ERROR', message);

const commandsOf = (versions: Record<string, string>, offered: Runtimes) =>
  Object.entries(versions).flatMap(
    ([name, version]) => ownValue(offered[name] ?? {}, version)?.commands ?? [],
  );

function bestOf(versions: string[], wanted: string): string | undefined {
  if (versions.includes(wanted)) return wanted;
  const prefix = /^(.*)\.x$/.exec(wanted)?.[1];
  const fitting = versions.filter(
    (version) =>
      wanted === 'latest' ||
      (prefix !== undefined && (version === prefix || version.startsWith(`${prefix}.`))),
  );
  return fitting.toSorted(byNumbers).at(-1);
}

/** `corretto8` before `corretto11`, 3.9 before 3.10. */
function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
