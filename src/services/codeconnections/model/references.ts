/** A branch or tag that is not where it was. */
export interface ReferenceChange {
  type: 'branch' | 'tag';
  /** Without `refs/heads/`. */
  name: string;
  before: string | undefined;
  after: string | undefined;
}

/** What a full name names, or undefined for what is neither a branch nor a tag. */
export function referenceNamed(full: string): Pick<ReferenceChange, 'type' | 'name'> | undefined {
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(full) ?? [];
  return kind === undefined ? undefined : { type: kind === 'tags' ? 'tag' : 'branch', name };
}

/** What has changed between two looks, by full names, in order of them. */
export function changes(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): ReferenceChange[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((full) => {
    const [was, is] = [before.get(full), after.get(full)];
    const named = referenceNamed(full);
    return was === is || !named ? [] : [{ ...named, before: was, after: is }];
  });
}
