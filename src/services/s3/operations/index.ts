import { operationsIn } from '../../../kit/operation.ts';
import * as absent from './absent.ts';
import * as acls from './acls.ts';
import * as bucketPolicies from './bucket-policies.ts';
import * as buckets from './buckets.ts';
import * as copy from './copy.ts';
import * as deletion from './deletion.ts';
import * as lists from './lists.ts';
import * as multipart from './multipart.ts';
import * as notifications from './notifications.ts';
import * as objectAttributes from './object-attributes.ts';
import * as objects from './objects.ts';
import * as settings from './settings.ts';
import * as tagging from './tagging.ts';
import * as uploadLists from './upload-lists.ts';
import * as website from './website.ts';

export const operations = operationsIn(
  absent,
  acls,
  bucketPolicies,
  buckets,
  copy,
  deletion,
  lists,
  multipart,
  notifications,
  objectAttributes,
  objects,
  settings,
  tagging,
  uploadLists,
  website,
);
