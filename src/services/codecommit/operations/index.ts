import { operationsIn } from '../../../kit/operation.ts';
import * as branches from './branches.ts';
import * as changes from './changes.ts';
import * as commits from './commits.ts';
import * as differences from './differences.ts';
import * as files from './files.ts';
import * as repositories from './repositories.ts';
import * as repositorySettings from './repository-settings.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  branches,
  commits,
  changes,
  differences,
  files,
  repositories,
  repositorySettings,
  tags,
);
