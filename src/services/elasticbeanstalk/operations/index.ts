import { operationsIn } from '../../../kit/operation.ts';
import * as account from './account.ts';
import * as applications from './applications.ts';
import * as configuration from './configuration.ts';
import * as environmentLists from './environment-lists.ts';
import * as environmentPower from './environment-power.ts';
import * as environments from './environments.ts';
import * as info from './info.ts';
import * as platforms from './platforms.ts';
import * as tags from './tags.ts';
import * as templates from './templates.ts';
import * as versions from './versions.ts';

export const operations = operationsIn(
  account,
  applications,
  configuration,
  environmentLists,
  environmentPower,
  environments,
  info,
  platforms,
  tags,
  templates,
  versions,
);
