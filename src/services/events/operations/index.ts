import { operationsIn } from '../../../kit/operation.ts';
import * as archives from './archives.ts';
import * as buses from './buses.ts';
import * as connections from './connections.ts';
import * as destinations from './destinations.ts';
import * as entries from './entries.ts';
import * as permissions from './permissions.ts';
import * as replays from './replays.ts';
import * as rules from './rules.ts';
import * as tags from './tags.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(
  ...[
    archives,
    buses,
    connections,
    destinations,
    entries,
    permissions,
    replays,
    rules,
    tags,
    targets,
  ],
);
