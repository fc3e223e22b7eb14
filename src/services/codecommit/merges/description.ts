import type {
  ChangeTypeEnum,
  ConflictMetadata,
  MergeHunk,
  ObjectTypeEnum,
} from '@aws-sdk/client-codecommit';
import type { FileMode, OpenMerge } from '../../../git/git-host.ts';
import { isBinary } from '../../../git/objects.ts';
import { limits } from '../limits.ts';
import { fileModeView } from '../model/views.ts';
import { type Conflict, SIDES, type Side, type Version } from './conflicts.ts';
import { maximumFileContentToLoadExceeded } from './errors.ts';
import {
  hunkOf,
  type LineRegion,
  mergeRegions,
  slice,
  type Text,
  type Texts,
  textOf,
  wholeRegion,
} from './hunks.ts';

/** A conflict as CodeCommit tells of it (CC-MRG-05). */

type BySide<T> = Partial<Record<Side, T>>;

export interface DescribedConflict {
  conflict: Conflict;
  metadata: ConflictMetadata;
  /** Of what can be compared line by line: what differs, in the order of lines. */
  regions: LineRegion[];
  texts: Texts;
}

type Objects = Pick<OpenMerge, 'info' | 'read' | 'lineChanges'>;

/** @param byLines compare lines; otherwise a file is one conflict as a whole */
export async function describe(
  merge: Objects,
  conflict: Conflict,
  { byLines }: { byLines: boolean },
): Promise<DescribedConflict> {
  const sizes: BySide<number> = {};
  const binary: BySide<boolean> = {};
  const contents: BySide<Buffer> = {};
  for (const side of SIDES) {
    const version = conflict.versions[side];
    if (!version || version.mode === '160000') continue;
    sizes[side] = (await merge.info(version.id))?.size ?? 0;
    const content = await contentOf(merge, version, sizes[side]);
    binary[side] = !content || isBinary(content);
    if (content && !binary[side] && isFile(version)) contents[side] = content;
  }
  const texts = textsOf(conflict, contents);
  const regions = await regionsOf(merge, conflict, { texts, byLines });
  const flags = conflictsOfKinds(conflict, { regions, isText: Object.keys(texts).length > 0 });
  const hunks = regions.filter(({ isConflict }) => isConflict).length;
  const kinds = [flags.fileModeConflict, flags.objectTypeConflict].filter(Boolean).length;
  const count = (flags.contentConflict ? Math.max(hunks, 1) : 0) + kinds;
  const metadata: ConflictMetadata = {
    filePath: conflict.path,
    fileSizes: sizes,
    fileModes: mapped(conflict.versions, ({ mode }) => modeView(mode)),
    objectTypes: objectTypesOf(conflict),
    // A name is in conflict too: of a file that both sides have renamed.
    numberOfConflicts: Math.max(count, 1),
    isBinaryFile: binary,
    ...flags,
    mergeOperations: operationsOf(conflict),
  };
  return { conflict, metadata, regions, texts };
}

async function contentOf(
  merge: Objects,
  { id }: Version,
  size: number,
): Promise<Buffer | undefined> {
  return size > limits.merge.file ? undefined : (await merge.read(id))?.content;
}

const isFile = ({ mode }: Version) => mode === '100644' || mode === '100755';
const modeView = (mode: FileMode) => (mode === '160000' ? undefined : fileModeView(mode));

/** Texts are compared where all that there is is text. */
function textsOf({ versions }: Conflict, contents: BySide<Buffer>): Texts {
  const there = SIDES.filter((side) => versions[side]);
  if (!there.every((side) => contents[side])) return {};
  return mapped(contents, textOf);
}

function mapped<T, U>(sides: BySide<T>, make: (value: T) => U | undefined): BySide<U> {
  const made: BySide<U> = {};
  for (const side of SIDES) {
    const value = sides[side];
    const view = value === undefined ? undefined : make(value);
    if (view !== undefined) made[side] = view;
  }
  return made;
}

async function regionsOf(
  merge: Objects,
  { versions }: Conflict,
  { texts, byLines }: { texts: Texts; byLines: boolean },
): Promise<LineRegion[]> {
  const { base, source, destination } = texts;
  if (!source && !destination) return [];
  const whole = [wholeRegion(texts)];
  if (versions.source?.id === versions.destination?.id) return [];
  if (!byLines || !base || !source || !destination) return whole;
  const ids = {
    base: versions.base?.id,
    ours: versions.destination?.id,
    theirs: versions.source?.id,
  };
  if (!ids.base || !ids.ours || !ids.theirs) return whole;
  const [ours, theirs] = await Promise.all([
    merge.lineChanges(ids.base, ids.ours),
    merge.lineChanges(ids.base, ids.theirs),
  ]);
  return mergeRegions(ours, theirs, (mine, other) =>
    slice(destination, mine).equals(slice(source, other)),
  );
}

function conflictsOfKinds(
  conflict: Conflict,
  { regions, isText }: { regions: readonly LineRegion[]; isText: boolean },
): Pick<ConflictMetadata, 'contentConflict' | 'fileModeConflict' | 'objectTypeConflict'> {
  const { base, source, destination } = conflict.versions;
  const types = objectTypesOf(conflict);
  const objectTypeConflict =
    types.source !== undefined &&
    types.destination !== undefined &&
    types.source !== types.destination;
  const bothChanged =
    source?.id !== destination?.id && source?.id !== base?.id && destination?.id !== base?.id;
  const contentConflict =
    isText && source && destination
      ? regions.some(({ isConflict }) => isConflict)
      : bothChanged && (source !== undefined || destination !== undefined);
  const fileModeConflict =
    !objectTypeConflict &&
    source !== undefined &&
    destination !== undefined &&
    source.mode !== destination.mode &&
    source.mode !== base?.mode &&
    destination.mode !== base?.mode;
  return { contentConflict, fileModeConflict, objectTypeConflict };
}

function objectTypesOf({ versions, folders }: Conflict): BySide<ObjectTypeEnum> {
  const types: BySide<ObjectTypeEnum> = {};
  for (const side of SIDES) {
    const version = versions[side];
    if (version) types[side] = typeOf(version.mode);
    else if (folders.has(side)) types[side] = 'DIRECTORY';
  }
  return types;
}

function typeOf(mode: FileMode): ObjectTypeEnum {
  if (mode === '160000') return 'GIT_LINK';
  return mode === '120000' ? 'SYMBOLIC_LINK' : 'FILE';
}

/** What either side has done to the path. */
function operationsOf({
  versions,
}: Conflict): Partial<Record<'source' | 'destination', ChangeTypeEnum>> {
  const { base } = versions;
  const done = (version: Version | undefined): ChangeTypeEnum | undefined => {
    if (!version) return base ? 'D' : undefined;
    if (!base) return 'A';
    return version.id === base.id && version.mode === base.mode ? undefined : 'M';
  };
  const [source, destination] = [done(versions.source), done(versions.destination)];
  return { ...(source && { source }), ...(destination && { destination }) };
}

/** Regions that are shown, with their lines. @throws MaximumFileContentToLoadExceededException for more than one answer holds */
export function hunksOf({ texts }: DescribedConflict, regions: readonly LineRegion[]): MergeHunk[] {
  let bytes = 0;
  for (const region of regions) {
    for (const side of SIDES) {
      const text: Text | undefined = texts[side];
      if (text) bytes += slice(text, region[side]).length;
    }
    if (bytes > limits.hunkBytes) throw maximumFileContentToLoadExceeded();
  }
  return regions.map((region) => hunkOf(region, texts));
}
