import { parseArn } from '../../../aws/arn.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { byName, defineResource, findByName, type Named } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { invalidInput, projectNotFound } from '../errors.ts';
import { isManaged, managedProject, mayName } from '../model/managed.ts';
import { findProjects, type StoredProject } from '../store/projects.ts';
import type { Owner } from '../store/tables.ts';
import { inside } from './inside.ts';

const { locate, parse } = byName('codebuild', 'project/');

/** Those that are kept, and those that nobody has to keep. */
async function findStored(
  db: Db | Tx,
  owner: Owner,
  names: readonly string[],
): Promise<Map<string, StoredProject>> {
  const [managed = '', ...others] = names;
  if (!isManaged(managed) || others.length > 0) return findProjects(db, owner, names);
  const project = managedProject(managed);
  return new Map([[managed, { ...owner, project, lastBuildNumber: 0, cacheVersion: 0 }]]);
}

/** Named by name or ARN. */
export const project = defineResource<string | undefined, Named, StoredProject>({
  type: 'AWS::CodeBuild::Project',
  locate(caller, named = '') {
    if (!mayName(caller.principal, named)) return { ...locate(caller, named), name: '' };
    const arn = parseArn(named);
    const found = arn?.service === 'codebuild' ? parse(arn) : undefined;
    if (!found) return { ...locate(caller, named), ...(arn && { arn: named }) };
    // None that is elsewhere is found.
    return found.region === caller.region ? found : { ...found, name: '' };
  },
  parse,
  ...findByName(findStored),
  notFound: ({ arn }) => projectNotFound(arn),
  tags: { of: ({ project: { tags } }) => tagsOf(tags) },
  policy: { of: ({ policy }) => policy },
});

/** For what a shared project does not let other accounts do, whatever its policy says. */
export const ownProject = defineResource<string | undefined, Named, StoredProject>({
  ...project,
  policy: inside,
});

interface LocatedBuild extends Named {
  buildId: string;
}

/** A build, by its id or ARN: AWS has no permissions on builds, only on their project. */
export const projectOfBuild = ofBuild('build');

/** A sandbox, by its id or ARN: the same holds. */
export const projectOfSandbox = ofBuild('sandbox');

/** A batch, by its id or ARN: the same holds. */
export const projectOfBatch = ofBuild('build-batch');

type Kind = 'build' | 'build-batch' | 'sandbox';

function ofBuild(kind: Kind) {
  return defineResource<string | undefined, LocatedBuild, StoredProject>({
    ...project,
    parse: () => undefined,
    locate(caller, idOrArn = '') {
      const buildId = buildIdOf(kind, idOrArn);
      const { accountId, region } = parseArn(idOrArn) ?? caller;
      const place = { accountId, region, partition: caller.partition };
      const [name = ''] = buildId.split(':');
      if (!mayName(caller.principal, name)) return { ...locate(place, ''), buildId: '' };
      return { ...locate(place, region === caller.region ? name : ''), buildId };
    },
  });
}

export const ownProjectOfBuild = defineResource<string | undefined, LocatedBuild, StoredProject>({
  ...projectOfBuild,
  policy: ownProject.policy,
});

export const ownProjectOfSandbox = defineResource<string | undefined, LocatedBuild, StoredProject>({
  ...projectOfSandbox,
  policy: ownProject.policy,
});

export const ownProjectOfBatch = defineResource<string | undefined, LocatedBuild, StoredProject>({
  ...projectOfBatch,
  policy: ownProject.policy,
});

/** `project:uuid` of the id or ARN of a build or a batch. */
function buildIdOf(kind: Kind, idOrArn: string): string {
  const [, named] =
    /^arn:[^:]+:codebuild:[^:]*:[^:]*:(build|build-batch|sandbox)\//.exec(idOrArn) ?? [];
  const id = named === kind ? idOrArn.replace(/^arn:.*?\//, '') : idOrArn;
  if (!/^(codepipeline\/[A-Za-z0-9.@_-]+|[A-Za-z0-9][A-Za-z0-9_-]*):[0-9a-fA-F-]+$/.test(id))
    throw invalidInput(`Invalid ${kind === 'sandbox' ? kind : 'build'} ID provided`);
  return id;
}
