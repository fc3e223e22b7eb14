import type { Project, UpdateProjectCommandInput } from '@aws-sdk/client-codebuild';

/** A project as text, and that as UpdateProject takes it. Pure. */

/** Members that UpdateProject has not. */
const FIXED = new Set([
  ...['arn', 'created', 'lastModified', 'webhook', 'badge', 'projectVisibility'],
  ...['publicProjectAlias', 'resourceAccessRole'],
]);

export const projectText = (project: Project): string =>
  JSON.stringify(
    Object.fromEntries(Object.entries(project).filter(([key]) => !FIXED.has(key))),
    undefined,
    2,
  );

export interface Parsed {
  input?: UpdateProjectCommandInput;
  problem?: string;
  /** Members that were taken out: UpdateProject leaves them as they are. */
  left: string[];
}

/** @param now what the text was before it was edited */
export function projectInput(text: string, now: string, name: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: 'A project is an object: { "name": …, "source": … }.', left: [] };
    const said = (value as { name?: unknown }).name;
    if (said !== name)
      return { problem: `The name has to stay ${JSON.stringify(name)}.`, left: [] };
    const left = Object.keys(JSON.parse(now) as object).filter((key) => !Object.hasOwn(value, key));
    return { input: value as UpdateProjectCommandInput, left };
  } catch (error) {
    return { problem: (error as Error).message, left: [] };
  }
}
