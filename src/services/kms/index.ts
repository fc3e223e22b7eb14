import * as client from '@aws-sdk/client-kms';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { deleteKeyReconciler } from './reconcilers/delete-key.ts';
import { key } from './resources/key.ts';

// https://docs.aws.amazon.com/kms/latest/developerguide/ct-encrypt.html and its siblings
const USES = ['Encrypt', 'Decrypt', 'ReEncrypt', 'GenerateRandom'];
const DATA_KEYS = ['GenerateDataKey', 'GenerateDataKeyWithoutPlaintext'];
const api = apiOf(client, { record: { readOnly: [...USES, ...DATA_KEYS] } });

export default defineService({
  name: 'kms',
  apis: [{ api, operations }],
  resources: [key],
  migrations,
  reconcilers: [deleteKeyReconciler],
});
