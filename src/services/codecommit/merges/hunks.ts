import type { MergeHunk, MergeHunkDetail } from '@aws-sdk/client-codecommit';
import type { LineChange } from '../../../git/git-host.ts';
import { limits } from '../limits.ts';
import { maximumFileContentToLoadExceeded } from './errors.ts';

/** Three versions of a file side by side, line by line (CC-MRG-05). Pure. */

/** Lines of one version, counted from 0; `end` is the first that is not of them. */
export interface Lines {
  start: number;
  end: number;
}

/** What only one side has changed, or both, alike or not. */
export interface LineRegion {
  isConflict: boolean;
  base: Lines;
  source: Lines;
  destination: Lines;
}

interface Region {
  /** 0: changed by both sides in different ways. */
  by: 0 | 'source' | 'destination' | 'both';
  at: { base: number; destination: number; source: number };
  count: { base: number; destination: number; source: number };
}

/**
 * Brings what both sides have changed together, as git's xdl_merge does: changes that touch each other are one conflict.
 * @param alike are these lines of the destination and of the source the same?
 */
export function mergeRegions(
  destination: readonly LineChange[],
  source: readonly LineChange[],
  alike: (destination: Lines, source: Lines) => boolean,
): LineRegion[] {
  const regions: Region[] = [];
  let [d, s] = [0, 0];
  /** How much further the version of a side is than the base, behind what has been looked at. */
  const shift = { destination: 0, source: 0 };
  for (;;) {
    const ours = destination[d];
    const theirs = source[s];
    if (!ours && !theirs) break;
    if (ours && (!theirs || ours.before + ours.removed < theirs.before)) {
      append(regions, oneSided('destination', ours, shift.source));
      shift.destination = ours.after + ours.added - ours.before - ours.removed;
      d += 1;
    } else if (theirs && (!ours || theirs.before + theirs.removed < ours.before)) {
      append(regions, oneSided('source', theirs, shift.destination));
      shift.source = theirs.after + theirs.added - theirs.before - theirs.removed;
      s += 1;
    } else if (ours && theirs) {
      append(regions, twoSided(ours, theirs, alike));
      const ends = [ours.before + ours.removed, theirs.before + theirs.removed] as const;
      if (ends[0] >= ends[1]) {
        shift.source = theirs.after + theirs.added - theirs.before - theirs.removed;
        s += 1;
      }
      if (ends[1] >= ends[0]) {
        shift.destination = ours.after + ours.added - ours.before - ours.removed;
        d += 1;
      }
    }
  }
  return regions.map(({ by, at, count }) => ({
    isConflict: by === 0,
    base: { start: at.base, end: at.base + count.base },
    source: { start: at.source, end: at.source + count.source },
    destination: { start: at.destination, end: at.destination + count.destination },
  }));
}

/** @param shift of the other side, which has the base's lines here */
function oneSided(by: 'source' | 'destination', change: LineChange, shift: number): Region {
  const { before, removed, after, added } = change;
  const other = { at: before + shift, count: removed };
  return by === 'source'
    ? {
        by,
        at: { base: before, source: after, destination: other.at },
        count: { base: removed, source: added, destination: other.count },
      }
    : {
        by,
        at: { base: before, source: other.at, destination: after },
        count: { base: removed, source: other.count, destination: added },
      };
}

function twoSided(
  ours: LineChange,
  theirs: LineChange,
  alike: (destination: Lines, source: Lines) => boolean,
): Region {
  const same =
    ours.before === theirs.before &&
    ours.removed === theirs.removed &&
    ours.added === theirs.added &&
    alike(
      { start: ours.after, end: ours.after + ours.added },
      { start: theirs.after, end: theirs.after + theirs.added },
    );
  const base = Math.min(ours.before, theirs.before);
  const end = Math.max(ours.before + ours.removed, theirs.before + theirs.removed);
  // What a side has not changed of it stands in that side's version too.
  const sideOf = ({ before, removed, after, added }: LineChange) => {
    const at = after - (before - base);
    return { at, count: after + added + (end - before - removed) - at };
  };
  const [destination, source] = [sideOf(ours), sideOf(theirs)];
  return {
    by: same ? 'both' : 0,
    at: { base, destination: destination.at, source: source.at },
    count: { base: end - base, destination: destination.count, source: source.count },
  };
}

/** Regions that touch in either version are one. */
function append(regions: Region[], region: Region): void {
  const last = regions.at(-1);
  const touches =
    last &&
    (region.at.destination <= last.at.destination + last.count.destination ||
      region.at.source <= last.at.source + last.count.source);
  if (!touches) {
    regions.push(region);
    return;
  }
  if (last.by !== region.by) last.by = 0;
  for (const version of ['base', 'destination', 'source'] as const)
    last.count[version] = region.at[version] + region.count[version] - last.at[version];
}

/**
 * Where each line of a text begins, and where the last one ends.
 * @throws MaximumFileContentToLoadExceededException for more lines than are compared
 */
export function lineStarts(content: Buffer): number[] {
  const starts = [0];
  for (let at = content.indexOf(0x0a); at >= 0; at = content.indexOf(0x0a, at + 1)) {
    starts.push(at + 1);
    // A few kilobytes in a pack may be millions of them.
    if (starts.length > limits.merge.lines) throw maximumFileContentToLoadExceeded();
  }
  if (starts.at(-1) !== content.length) starts.push(content.length);
  return starts;
}

export interface Text {
  content: Buffer;
  starts: number[];
}

export const textOf = (content: Buffer): Text => ({ content, starts: lineStarts(content) });
export const allLines = ({ starts }: Text): Lines => ({ start: 0, end: starts.length - 1 });

export function slice({ content, starts }: Text, { start, end }: Lines): Buffer {
  return content.subarray(starts[start] ?? content.length, starts[end] ?? content.length);
}

/** Versions of a file; one is missing where that side has no such file. */
export interface Texts {
  base?: Text | undefined;
  source?: Text | undefined;
  destination?: Text | undefined;
}

/** A region with its lines, in base64. The base is left out where it has none of them. */
export function hunkOf({ isConflict, ...lines }: LineRegion, texts: Texts): MergeHunk {
  const detail = (version: keyof Texts): MergeHunkDetail | undefined => {
    const text = texts[version];
    const { start, end } = lines[version];
    if (!text || (version === 'base' && start === end)) return undefined;
    const hunkContent = slice(text, { start, end }).toString('base64');
    return { startLine: start, endLine: end, hunkContent };
  };
  const [source, destination, base] = [detail('source'), detail('destination'), detail('base')];
  return {
    isConflict,
    ...(source && { source }),
    ...(destination && { destination }),
    ...(base && { base }),
  };
}

/** The whole file as one region: where one side has deleted it, and where whole files are compared. */
export function wholeRegion(texts: Texts): LineRegion {
  const lines = (text: Text | undefined) => (text ? allLines(text) : { start: 0, end: 0 });
  return {
    isConflict: true,
    base: lines(texts.base),
    source: lines(texts.source),
    destination: lines(texts.destination),
  };
}
