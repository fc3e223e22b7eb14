import { type Arn, formatArn, parseArn } from '../../../aws/arn.ts';
import type { Db, Tx } from '../../../db/database.ts';
import { defineResource, type Named, type Place } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { fleetNotFound } from '../errors.ts';
import { findFleets, type StoredFleet } from '../store/fleets.ts';

const PREFIX = 'fleet/';

interface LocatedFleet extends Named {
  /** Of an ARN: a fleet of that name that is another one is not meant. */
  id: string | undefined;
}

const located = (
  { accountId, region, partition }: Place,
  name: string,
  id: string | undefined,
): LocatedFleet => {
  // What policies are asked about before a fleet is known by its id, or while there is none.
  const resource = `${PREFIX}${name}:${id ?? '*'}`;
  const arn = formatArn({ partition, service: 'codebuild', region, accountId, resource });
  return { accountId, region, name, id, arn };
};

function parse(arn: Arn): LocatedFleet | undefined {
  const [, name = '', id] = /^fleet\/([^:]+):(.+)$/.exec(arn.resource) ?? [];
  return arn.service === 'codebuild' && id !== undefined ? located(arn, name, id) : undefined;
}

const isThat = (found: StoredFleet | undefined, { id }: LocatedFleet) =>
  found && (id === undefined || found.fleet.id === id) ? found : undefined;

/** Named by name or ARN; AWS has no policies of fleets, so each is its account's alone. */
export const fleet = defineResource<string | undefined, LocatedFleet, StoredFleet>({
  type: 'AWS::CodeBuild::Fleet',
  locate(caller, named = '') {
    const arn = parseArn(named);
    if (!arn) return located(caller, named, undefined);
    const found = parse(arn);
    if (found?.region === caller.region) return found;
    // None that is elsewhere is found.
    return { ...located(arn, '', undefined), arn: named };
  },
  parse,
  find: async (db: Db | Tx, where) =>
    isThat((await findFleets(db, where, [where.name])).get(where.name), where),
  known: ({ fleet: { arn = '' } }) => ({ arn }),
  // By its id it would be known to be there.
  named: ({ arn }) => arn,
  notFound: ({ arn }) => fleetNotFound(arn),
  tags: { of: ({ fleet: { tags } }) => tagsOf(tags) },
});

/** One that is to be made: by its name, whatever that looks like. */
export const newFleet: typeof fleet = {
  ...fleet,
  locate: (caller, name = '') => located(caller, name, undefined),
  find: async () => undefined,
};

/** By its ARN alone, as operations on one fleet name it. */
export const fleetByArn: typeof fleet = {
  ...fleet,
  locate: (caller, named = '') =>
    parseArn(named)
      ? fleet.locate(caller, named)
      : { ...located(caller, '', undefined), arn: named },
};
