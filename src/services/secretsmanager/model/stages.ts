/** Which versions carry which staging labels. */
export type Stages = Map<string, string[]>;

const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

/** The version with a label, if there is one. */
export function versionWith(stages: Stages, label: string): string | undefined {
  for (const [versionId, labels] of stages) if (labels.includes(label)) return versionId;
  return undefined;
}

/** Labels move: each is on one version at most. When AWSCURRENT moves, AWSPREVIOUS goes to the version that it leaves. */
export function moveLabels(stages: Stages, labels: string[], versionId: string): Stages {
  const left = labels.includes(CURRENT) ? versionWith(stages, CURRENT) : undefined;
  let moved = attach(stages, labels, versionId);
  if (left !== undefined && left !== versionId) moved = attach(moved, [PREVIOUS], left);
  return moved;
}

export function detach(stages: Stages, label: string): Stages {
  return new Map([...stages].map(([id, labels]) => [id, labels.filter((l) => l !== label)]));
}

function attach(stages: Stages, labels: string[], versionId: string): Stages {
  const moved: Stages = new Map(
    [...stages].map(([id, own]) => [
      id,
      id === versionId ? own : own.filter((label) => !labels.includes(label)),
    ]),
  );
  moved.set(versionId, [...new Set([...(moved.get(versionId) ?? []), ...labels])]);
  return moved;
}
