import type { Migration } from '../../../db/database.ts';
import { codedeploy } from './0001-codedeploy.ts';
import { signerWithoutCertificate } from './0002-signer.ts';

export const migrations: Migration[] = [codedeploy, signerWithoutCertificate];
