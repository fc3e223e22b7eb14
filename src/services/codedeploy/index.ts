import * as client from '@aws-sdk/client-codedeploy';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { commandsApi, secureCommandsApi } from './commands/api.ts';
import * as commands from './commands/operations.ts';
import { quotas } from './limits.ts';
import { codedeploy } from './migrations/0001-codedeploy.ts';
import { signerWithoutCertificate } from './migrations/0002-signer.ts';
import { operations } from './operations/index.ts';
import { deploymentReconciler } from './reconcilers/deployment.ts';
import { roleReconciler } from './reconcilers/role.ts';

export default defineService({
  name: 'codedeploy',
  apis: [
    { api: apiOf(client), operations },
    { api: commandsApi, operations: commands.operations },
    { api: secureCommandsApi, operations: commands.secureOperations },
  ],
  migrations: [codedeploy, signerWithoutCertificate],
  reconcilers: [deploymentReconciler, roleReconciler],
  quotas,
});
