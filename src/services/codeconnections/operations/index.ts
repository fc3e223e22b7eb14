import { operationsIn } from '../../../kit/operation.ts';
import * as connections from './connections.ts';
import * as hosts from './hosts.ts';
import * as links from './repository-links.ts';
import * as syncs from './syncs.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(connections, hosts, links, syncs, tags);
