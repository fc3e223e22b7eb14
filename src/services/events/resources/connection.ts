import { at, byName, defineResource, type Named, on } from '../../../kit/resource.ts';
import { connectionNotFound, destinationNotFound } from '../errors.ts';
import type { Connection } from '../model/connection.ts';
import { findConnection } from '../store/connections.ts';
import { type ApiDestination, findDestination } from '../store/destinations.ts';

/** ARNs end in an id that only what is there has; policies are asked about the name and, for what is not there, no id. */
const named = (prefix: string) => {
  const { locate, parse } = byName('events', prefix);
  return {
    locate,
    parse(arn: Parameters<typeof parse>[0]): Named | undefined {
      const found = parse(arn);
      return found && { ...found, name: found.name.split('/')[0] ?? '' };
    },
  };
};

export const connection = defineResource<string | undefined, Named, Connection>({
  type: 'AWS::Events::Connection',
  ...named('connection/'),
  find: (db, { name, ...owner }) => findConnection(db, owner, name),
  known: ({ arn }) => ({ arn }),
  // A refusal does not tell whether it is there.
  named: ({ arn }) => arn,
  notFound: ({ name }) => connectionNotFound(name),
});

export const destination = defineResource<string | undefined, Named, ApiDestination>({
  type: 'AWS::Events::ApiDestination',
  ...named('api-destination/'),
  find: (db, { name, ...owner }) => findDestination(db, owner, name),
  known: ({ arn }) => ({ arn }),
  // A refusal does not tell whether it is there.
  named: ({ arn }) => arn,
  notFound: ({ name }) => destinationNotFound(name),
});

const pick = ({ Name }: { Name: string | undefined }) => Name;

export const onConnection = on(connection, pick);
export const atConnection = at(connection, pick);
export const onDestination = on(destination, pick);
export const atDestination = at(destination, pick);
