import type { FileChange, FileMode } from '../../../git/git-host.ts';
import { append } from '../../../lib/append.ts';
import { invalidFileMode } from '../errors.ts';
import type { Conflict, Place, Side, Version } from './conflicts.ts';
import { invalidConflictResolution, manualMergeRequired } from './errors.ts';
import type { ConflictSettings, Resolution, ResolutionEntry } from './request.ts';

/** What becomes of conflicts, as changes of the tree that git has merged. Pure. */

/** @throws ManualMergeRequired where anything is left to be decided, and InvalidConflictResolution exceptions */
export function resolve(
  { open, conflicts, mergeable }: { open: Conflict[]; conflicts: Conflict[]; mergeable: boolean },
  { strategy, resolution }: ConflictSettings & { resolution: Resolution | undefined },
  /** How a file that is in conflict was merged where its content could be. */
  merged: (conflict: Conflict) => Version | undefined,
): FileChange[] {
  if (resolution) checkPaths(resolution, conflicts);
  if (!mergeable && open.length === 0) throw manualMergeRequired();
  const changes: FileChange[] = [];
  for (const conflict of conflicts) {
    const entry = resolution?.get(conflict.path);
    if (entry) append(changes, resolvedBy(entry, conflict, merged));
    else if (strategy === 'ACCEPT_SOURCE') append(changes, taken(conflict, 'source'));
    else if (strategy === 'ACCEPT_DESTINATION') append(changes, taken(conflict, 'destination'));
    else throw manualMergeRequired();
  }
  checkPlaces(changes);
  // What goes makes room for what comes: a file for the folder of its name.
  const goes = (change: FileChange) => 'deleted' in change;
  return [...changes.filter(goes), ...changes.filter((change) => !goes(change))];
}

function checkPaths(resolution: Resolution, conflicts: readonly Conflict[]): void {
  const known = new Set(conflicts.map(({ path }) => path));
  for (const path of resolution.keys()) if (!known.has(path)) throw invalidConflictResolution(path);
}

/** No file can stand where another one's folder is: entries that contradict each other. */
function checkPlaces(changes: readonly FileChange[]): void {
  const files = new Set(changes.filter((one) => !('deleted' in one)).map(({ path }) => path));
  for (const path of files)
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1))
      if (files.has(path.slice(0, at))) throw invalidConflictResolution(path);
}

function resolvedBy(
  entry: ResolutionEntry,
  conflict: Conflict,
  merged: (conflict: Conflict) => Version | undefined,
): FileChange[] {
  if ('keep' in entry) return taken(conflict, entry.keep, entry.mode);
  if ('deleted' in entry) return cleared(conflict);
  if ('content' in entry) {
    const mode = entry.mode ?? usualMode(conflict);
    const { path, place } = conflict;
    return [...cleared(conflict), { path, place, mode, content: entry.content }];
  }
  const version = merged(conflict);
  if (!version) throw manualMergeRequired();
  return put(conflict, version, entry.mode);
}

/** Content that is new keeps the kind of the file. */
function usualMode({ versions }: Conflict): FileMode {
  const modes = [versions.destination?.mode, versions.source?.mode, versions.base?.mode];
  return modes.find((mode) => mode !== undefined && mode !== '160000') ?? '100644';
}

/** A side's whole file, or nothing where that has none. */
function taken(conflict: Conflict, side: Side, mode?: FileMode): FileChange[] {
  const version = conflict.versions[side];
  return version ? put(conflict, version, mode) : cleared(conflict, side);
}

function put(conflict: Conflict, version: Version, mode?: FileMode): FileChange[] {
  if (mode !== undefined && version.mode === '160000') throw invalidFileMode();
  const { path, place } = conflict;
  return [...cleared(conflict), { path, place, id: version.id, mode: mode ?? version.mode }];
}

/** Everything goes that stands there; the folder of a side that has one stays for it, where it is that and no file. */
function cleared(conflict: Conflict, side?: Side): FileChange[] {
  const isFile = conflict.places.some(({ place }) => place === conflict.place);
  const keepsFolder = side !== undefined && conflict.folders.has(side) && !isFile;
  const own: Place[] = keepsFolder ? [] : [conflict];
  const aside = conflict.places.filter(({ place }) => place !== conflict.place);
  return [...own, ...aside].map(({ path, place }) => ({ path, place, deleted: true }));
}
