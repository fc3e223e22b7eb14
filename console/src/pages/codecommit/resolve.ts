import type { MergeHunk } from '@aws-sdk/client-codecommit';

/** A file in conflict, as `git merge` leaves it to be resolved by hand. Pure. */

const MARK = { open: '<<<<<<< ', middle: '=======', close: '>>>>>>> ' };

const decoded = (base64: string | undefined) =>
  base64 === undefined
    ? ''
    : new TextDecoder().decode(Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));

const ended = (text: string) => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/**
 * The destination's text with what the source changed in it, and both where they collide, between git's marks.
 * @param destination its text
 * @param hunks of DescribeMergeConflicts, by lines: counted from 0, `endLine` is the first that is not of the hunk
 */
export function markedText(
  destination: string,
  hunks: readonly MergeHunk[],
  names: { source: string; destination: string },
): string {
  const lines = destination.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let text = '';
  let next = 0;
  const ordered = [...hunks].sort(
    (a, b) => (a.destination?.startLine ?? 0) - (b.destination?.startLine ?? 0),
  );
  for (const { isConflict, source, destination: there, base } of ordered) {
    const from = there?.startLine ?? next;
    const to = there?.endLine ?? from;
    text += lines.slice(next, from).join('');
    next = to;
    const [ours, theirs] = [decoded(there?.hunkContent), decoded(source?.hunkContent)];
    if (isConflict)
      text += `${MARK.open}${names.destination}\n${ended(ours)}${MARK.middle}\n${ended(theirs)}${MARK.close}${names.source}\n`;
    // What one side left as it was, the other has changed.
    else text += ours === decoded(base?.hunkContent) ? theirs : ours;
  }
  return text + lines.slice(next).join('');
}

/** Whether there is still something to decide. */
export const hasMarks = (text: string) =>
  text.split('\n').some((line) => line.startsWith(MARK.open) || line.startsWith(MARK.close));

export type Choice =
  | { kind: 'KEEP_SOURCE' | 'KEEP_DESTINATION' }
  | { kind: 'USE_NEW_CONTENT'; text: string };

export const isDecided = (choice: Choice | undefined) =>
  choice !== undefined && (choice.kind !== 'USE_NEW_CONTENT' || !hasMarks(choice.text));

/** What a merge is told of the files in conflict. */
export const resolutionOf = (choices: ReadonlyMap<string, Choice>) => ({
  replaceContents: Array.from(choices, ([filePath, choice]) => ({
    filePath,
    replacementType: choice.kind,
    ...(choice.kind === 'USE_NEW_CONTENT' && { content: new TextEncoder().encode(choice.text) }),
  })),
});
