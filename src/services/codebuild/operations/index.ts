import { operationsIn } from '../../../kit/operation.ts';
import * as builds from './builds.ts';
import * as images from './images.ts';
import * as policies from './policies.ts';
import * as projects from './projects.ts';
import * as reports from './reports.ts';

export const operations = operationsIn(builds, images, policies, projects, reports);
