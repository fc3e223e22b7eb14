import type { Migration } from '../../../db/database.ts';
import { codedeploy } from './0001-codedeploy.ts';
import { signerWithoutCertificate } from './0002-signer.ts';
import { notices } from './0003-notices.ts';
import { targetLabels } from './0004-target-labels.ts';
import { scaling } from './0005-scaling.ts';

export const migrations: Migration[] = [
  codedeploy,
  signerWithoutCertificate,
  notices,
  targetLabels,
  scaling,
];
