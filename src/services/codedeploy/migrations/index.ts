import type { Migration } from '../../../db/database.ts';
import { codedeploy } from './0001-codedeploy.ts';
import { signerWithoutCertificate } from './0002-signer.ts';
import { notices } from './0003-notices.ts';

export const migrations: Migration[] = [codedeploy, signerWithoutCertificate, notices];
