import type * as client from '@aws-sdk/client-service-quotas';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import {
  getAWSDefaultServiceQuota,
  getServiceQuota,
  listAWSDefaultServiceQuotas,
  listServiceQuotas,
  listServices,
} from './quotas.ts';
import {
  getRequestedServiceQuotaChange,
  listRequestedServiceQuotaChangeHistory,
  listRequestedServiceQuotaChangeHistoryByQuota,
  requestServiceQuotaIncrease,
} from './requests.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';

export const operations = {
  associateServiceQuotaTemplate: notImplemented,
  createSupportCase: notImplemented,
  deleteServiceQuotaIncreaseRequestFromTemplate: notImplemented,
  disassociateServiceQuotaTemplate: notImplemented,
  getAWSDefaultServiceQuota,
  getAssociationForServiceQuotaTemplate: notImplemented,
  getAutoManagementConfiguration: notImplemented,
  getQuotaUtilizationReport: notImplemented,
  getRequestedServiceQuotaChange,
  getServiceQuota,
  getServiceQuotaIncreaseRequestFromTemplate: notImplemented,
  listAWSDefaultServiceQuotas,
  listRequestedServiceQuotaChangeHistory,
  listRequestedServiceQuotaChangeHistoryByQuota,
  listServiceQuotaIncreaseRequestsInTemplate: notImplemented,
  listServiceQuotas,
  listServices,
  listTagsForResource,
  putServiceQuotaIncreaseRequestIntoTemplate: notImplemented,
  requestServiceQuotaIncrease,
  startAutoManagement: notImplemented,
  startQuotaUtilizationReport: notImplemented,
  stopAutoManagement: notImplemented,
  tagResource,
  untagResource,
  updateAutoManagement: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
