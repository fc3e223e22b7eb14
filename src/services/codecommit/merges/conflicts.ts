import type { FileMode, GitRepository, OpenMerge, StagedFile } from '../../../git/git-host.ts';

/** What git leaves of a merge for somebody to decide, path by path. */

export interface Version {
  mode: FileMode;
  id: string;
}

export type Side = 'base' | 'source' | 'destination';
export const SIDES = ['base', 'source', 'destination'] as const;

export interface Place {
  path: string;
  /** The path as bytes (latin1). */
  place: string;
}

/** A path that is in conflict. Of a renamed file each name is one. */
export interface Conflict extends Place {
  versions: Partial<Record<Side, Version>>;
  /** The sides that have a folder there. */
  folders: ReadonlySet<Side>;
  /** Where the merged tree has its versions, by git's names beside a folder. */
  places: Place[];
}

/** The commits of a merge. */
export interface Merging {
  source: { id: string; tree: string };
  destination: { id: string; tree: string };
  /** Undefined: they have no history in common. */
  base: { id: string; tree: string } | undefined;
}

const STAGES: Record<StagedFile['stage'], Side> = { 1: 'base', 2: 'destination', 3: 'source' };

/**
 * The paths that are in conflict, in git's order. What git has put aside under another name, since a folder or a file of
 * another kind is in its place (`path~COMMIT`), is one with what is there.
 */
export async function conflictsOf(
  git: Pick<GitRepository, 'find'>,
  merge: Pick<OpenMerge, 'staged' | 'info' | 'read'>,
  merging: Merging,
  signal: AbortSignal,
): Promise<Conflict[]> {
  const found = new Map<string, Conflict & { folders: Set<Side> }>();
  for (const { stage, mode, id, path, place } of merge.staged) {
    const own = ownPlace({ path, place }, merging);
    let conflict = found.get(own.place);
    if (!conflict) {
      conflict = { ...own, versions: {}, folders: new Set(), places: [] };
      found.set(own.place, conflict);
    }
    conflict.versions[STAGES[stage]] = { mode, id };
    if (!conflict.places.some((one) => one.place === place)) conflict.places.push({ path, place });
  }
  for (const conflict of found.values())
    for (const side of SIDES) {
      signal.throwIfAborted();
      await settle(git, merge, { conflict, side, tree: merging[side]?.tree });
    }
  return [...found.values()].sort((a, b) => (a.place < b.place ? -1 : 1));
}

/** Undoes git's other name. */
function ownPlace({ path, place }: Place, { source, destination }: Merging): Place {
  const aside = /~([0-9a-f]{40})(_\d+)?$/;
  const match = aside.exec(place);
  const isGits = match?.[1] === source.id || match?.[1] === destination.id;
  if (!isGits) return { path, place };
  return { path: path.replace(aside, ''), place: place.replace(aside, '') };
}

/**
 * What a side has at the path of a conflict. Of a file that both sides have renamed, or of a merge base that was merged
 * itself, git gives what it has merged, with its marks where that did not go: nobody's version.
 */
async function settle(
  git: Pick<GitRepository, 'find'>,
  merge: Pick<OpenMerge, 'info' | 'read'>,
  {
    conflict,
    side,
    tree,
  }: { conflict: Conflict & { folders: Set<Side> }; side: Side; tree: string | undefined },
): Promise<void> {
  const version = conflict.versions[side];
  const entry = tree === undefined ? undefined : await git.find(tree, conflict.path);
  if (entry?.mode === '040000') conflict.folders.add(side);
  if (!version || version.id === entry?.id || !(await isMarked(merge, version))) return;
  if (entry && entry.mode !== '040000')
    conflict.versions[side] = { mode: entry.mode, id: entry.id };
  else if (side === 'base') delete conflict.versions.base;
}

/** A merged file is never larger. */
const MOST_MARKED_BYTES = 192 * 1024 * 1024;

async function isMarked(
  merge: Pick<OpenMerge, 'info' | 'read'>,
  { mode, id }: Version,
): Promise<boolean> {
  if (mode === '160000' || mode === '120000') return false;
  const info = await merge.info(id);
  if (!info || info.size > MOST_MARKED_BYTES) return false;
  const { content } = (await merge.read(id)) ?? {};
  return content?.includes('<<<<<<< ') === true && content.includes('>>>>>>> ');
}
