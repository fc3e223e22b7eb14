import { byName, defineResource, type Named, tagObject } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { destinationNotFound } from '../errors.ts';
import { destinationOf, findDestination, saveDestination } from '../store/destinations.ts';
import type { DestinationRow } from '../store/tables.ts';
import { TAG_RULES } from './log-group.ts';

/** What receives the events of other accounts; its policy says of which. */
export const destination = defineResource<string | undefined, Named, DestinationRow>({
  type: 'AWS::Logs::Destination',
  ...byName('logs', 'destination:'),
  find: (db, located) => findDestination(db, located, located.name),
  notFound: destinationNotFound,
  tags: {
    of: ({ tags }) => tagsOf(decodeJson(tags)),
    save: (tx, row, tags) => saveDestination(tx, { ...row, tags: encodeJson(tagObject(tags)) }),
    rules: () => TAG_RULES,
  },
  policy: { of: (row) => destinationOf(row).accessPolicy },
});
