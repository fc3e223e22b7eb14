import type {
  ConflictDetailLevelTypeEnum,
  ConflictResolution,
  ConflictResolutionStrategyTypeEnum,
  MergeOptionTypeEnum,
  ReplaceContentEntry,
} from '@aws-sdk/client-codecommit';
import type { FileMode } from '../../../git/git-host.ts';
import { ownValue } from '../../../lib/own.ts';
import {
  commitMessageLengthExceeded,
  fileContentSizeLimitExceeded,
  fileModeRequired,
  invalidEmail,
  nameLengthExceeded,
} from '../errors.ts';
import { limits } from '../limits.ts';
import { checkFileMode, checkNewPath } from '../model/commit-request.ts';
import { checkSizes } from '../model/content-sizes.ts';
import {
  invalidConflictDetailLevel,
  invalidConflictResolution,
  invalidConflictResolutionStrategy,
  invalidMergeOption,
  invalidReplacementContent,
  invalidReplacementType,
  maximumConflictResolutionEntriesExceeded,
  mergeOptionRequired,
  multipleConflictResolutionEntries,
  replacementContentRequired,
  replacementTypeRequired,
} from './errors.ts';

/** What a merge is asked to do, checked without looking at the repository (CC-MRG-02 to CC-MRG-04). Pure. */

/** What becomes of a path that is in conflict. */
export type ResolutionEntry = { path: string } & (
  | { keep: 'base' | 'source' | 'destination'; mode: FileMode | undefined }
  | { content: Uint8Array; mode: FileMode | undefined }
  | { deleted: true }
  /** The file as it was merged, with this mode. */
  | { mode: FileMode }
);

/** By path. */
export type Resolution = ReadonlyMap<string, ResolutionEntry>;

export interface ConflictSettings {
  detailLevel: ConflictDetailLevelTypeEnum;
  strategy: ConflictResolutionStrategyTypeEnum;
}

export interface MergeSettings extends ConflictSettings {
  resolution: Resolution | undefined;
  keepEmptyFolders: boolean;
  authorName: string | undefined;
  email: string | undefined;
  commitMessage: string | undefined;
}

/** Members of inputs. */
export interface AskedConflicts {
  conflictDetailLevel?: string | undefined;
  conflictResolutionStrategy?: string | undefined;
}
export interface AskedMerge extends AskedConflicts {
  authorName?: string | undefined;
  email?: string | undefined;
  commitMessage?: string | undefined;
  keepEmptyFolders?: boolean | undefined;
  conflictResolution?: ConflictResolution | undefined;
}

const LEVELS: ReadonlySet<string> = new Set<ConflictDetailLevelTypeEnum>([
  'FILE_LEVEL',
  'LINE_LEVEL',
]);
const STRATEGIES: ReadonlySet<string> = new Set<ConflictResolutionStrategyTypeEnum>([
  ...(['NONE', 'ACCEPT_SOURCE', 'ACCEPT_DESTINATION', 'AUTOMERGE'] as const),
]);
const OPTIONS: ReadonlySet<string> = new Set<MergeOptionTypeEnum>([
  ...(['FAST_FORWARD_MERGE', 'SQUASH_MERGE', 'THREE_WAY_MERGE'] as const),
]);

/** @throws InvalidConflictDetailLevelException, InvalidConflictResolutionStrategyException */
export function checkConflictSettings({
  conflictDetailLevel = 'FILE_LEVEL',
  conflictResolutionStrategy = 'NONE',
}: AskedConflicts): ConflictSettings {
  if (!LEVELS.has(conflictDetailLevel)) throw invalidConflictDetailLevel();
  if (!STRATEGIES.has(conflictResolutionStrategy)) throw invalidConflictResolutionStrategy();
  return {
    detailLevel: conflictDetailLevel as ConflictDetailLevelTypeEnum,
    strategy: conflictResolutionStrategy as ConflictResolutionStrategyTypeEnum,
  };
}

/** @throws MergeOptionRequiredException, InvalidMergeOptionException */
export function checkMergeOption(
  option: string | undefined,
  { fastForward }: { fastForward: boolean },
): MergeOptionTypeEnum {
  if (!option) throw mergeOptionRequired();
  if (!OPTIONS.has(option)) throw invalidMergeOption();
  if (option === 'FAST_FORWARD_MERGE' && !fastForward) throw invalidMergeOption();
  return option as MergeOptionTypeEnum;
}

/**
 * @throws InvalidConflictDetailLevel, InvalidConflictResolutionStrategy, NameLengthExceeded, InvalidEmail,
 * CommitMessageLengthExceeded exceptions, and those of `checkResolution`
 */
export function checkMergeSettings(asked: AskedMerge): MergeSettings {
  const settings = checkConflictSettings(asked);
  const { authorName, email, commitMessage, keepEmptyFolders = false, conflictResolution } = asked;
  if ((authorName?.length ?? 0) > limits.authorName) throw nameLengthExceeded();
  if ((email?.length ?? 0) > limits.email) throw invalidEmail();
  if (Buffer.byteLength(commitMessage ?? '') > limits.commitMessage)
    throw commitMessageLengthExceeded();
  const resolution = checkResolution(conflictResolution, settings.strategy);
  return { ...settings, resolution, keepEmptyFolders, authorName, email, commitMessage };
}

/**
 * @throws InvalidConflictResolution where nothing asks for one, MaximumConflictResolutionEntriesExceeded,
 * MultipleConflictResolutionEntries exceptions, and those of single entries
 */
export function checkResolution(
  resolution: ConflictResolution | undefined,
  strategy: ConflictResolutionStrategyTypeEnum,
): Resolution | undefined {
  const { replaceContents = [], deleteFiles = [], setFileModes = [] } = resolution ?? {};
  const count = replaceContents.length + deleteFiles.length + setFileModes.length;
  if (count === 0) return undefined;
  if (strategy !== 'AUTOMERGE') throw invalidConflictResolution();
  if (count > limits.conflictResolutions) throw maximumConflictResolutionEntriesExceeded();
  const entries: ResolutionEntry[] = [
    ...replaceContents.map(checkReplacement),
    ...deleteFiles.map(({ filePath }) => ({
      path: checkNewPath(filePath),
      deleted: true as const,
    })),
    ...setFileModes.map(({ filePath, fileMode }) => {
      const path = checkNewPath(filePath);
      if (!fileMode) throw fileModeRequired();
      return { path, mode: checkFileMode(fileMode) };
    }),
  ];
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  if (byPath.size < entries.length) throw multipleConflictResolutionEntries();
  checkSizes(entries);
  return byPath;
}

const KEPT: Record<string, 'base' | 'source' | 'destination'> = {
  KEEP_BASE: 'base',
  KEEP_SOURCE: 'source',
  KEEP_DESTINATION: 'destination',
};

function checkReplacement(entry: ReplaceContentEntry): ResolutionEntry {
  const path = checkNewPath(entry.filePath);
  const { replacementType, content, fileMode } = entry;
  if (!replacementType) throw replacementTypeRequired();
  const keep = ownValue(KEPT, replacementType);
  if (!keep && replacementType !== 'USE_NEW_CONTENT') throw invalidReplacementType();
  const mode = fileMode === undefined ? undefined : checkFileMode(fileMode);
  if (keep) {
    if (content) throw invalidReplacementContent();
    return { path, keep, mode };
  }
  if (!content) throw replacementContentRequired();
  if (content.length > limits.file) throw fileContentSizeLimitExceeded();
  return { path, content, mode };
}
