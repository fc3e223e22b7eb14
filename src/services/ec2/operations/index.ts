import { operationsIn } from '../../../kit/operation.ts';
import * as attributes from './attributes.ts';
import * as console from './console.ts';
import * as images from './images.ts';
import * as instances from './instances.ts';
import * as keyPairs from './key-pairs.ts';
import * as launchTemplateVersions from './launch-template-versions.ts';
import * as launchTemplates from './launch-templates.ts';
import * as network from './network.ts';
import * as power from './power.ts';
import * as profiles from './profiles.ts';
import * as reservations from './reservations.ts';
import * as securityGroups from './security-groups.ts';
import * as tags from './tags.ts';
import * as zones from './zones.ts';

export const operations = operationsIn(
  attributes,
  console,
  images,
  instances,
  keyPairs,
  launchTemplateVersions,
  launchTemplates,
  network,
  power,
  profiles,
  reservations,
  securityGroups,
  tags,
  zones,
);
