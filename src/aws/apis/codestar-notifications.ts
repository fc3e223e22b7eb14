import type { Api } from '../protocols/protocol.ts';
import { restJson } from '../protocols/rest-json.ts';
import {
  bound,
  flag,
  instant,
  integer,
  oneOf,
  schemasOf,
  shapesOf,
  text,
  textMap,
  texts,
  type ValueOf,
} from './shapes.ts';

/*
 * The wire schemas of AWS CodeStar Notifications, whose client package has none that could be read at run time.
 * What its members may hold is in contracts/codestar-notifications.json, as for every API.
 * https://docs.aws.amazon.com/codestar-notifications/latest/APIReference/API_Operations.html
 */

const { sensitiveText, listOf, structure, rest } = shapesOf('com.amazonaws.codestarnotifications');

const name = sensitiveText('NotificationRuleName');
const address = sensitiveText('TargetAddress');
const detailType = oneOf('BASIC', 'FULL');
const ruleStatus = oneOf('ENABLED', 'DISABLED');
const page = { NextToken: text, MaxResults: integer };
const nothing = structure('Unit', {});
const arn = (shape: string) => structure(shape, { Arn: text });
const arnNeeded = (shape: string) => structure(shape, { Arn: text }, ['Arn']);

const target = structure('Target', { TargetType: text, TargetAddress: address });
const targets = listOf('Targets', target);
const targetSummary = structure('TargetSummary', {
  TargetAddress: address,
  TargetType: text,
  TargetStatus: oneOf('PENDING', 'ACTIVE', 'UNREACHABLE', 'INACTIVE', 'DEACTIVATED'),
});
const targetsBatch = listOf('TargetsBatch', targetSummary);
const eventTypeSummary = structure('EventTypeSummary', {
  EventTypeId: text,
  ServiceName: text,
  EventTypeName: text,
  ResourceType: text,
});
const eventTypeBatch = listOf('EventTypeBatch', eventTypeSummary);
const ruleSummary = structure('NotificationRuleSummary', { Id: text, Arn: text });

export type Target = ValueOf<typeof target>;
export type TargetSummary = ValueOf<typeof targetSummary>;
export type EventTypeSummary = ValueOf<typeof eventTypeSummary>;

const filtersOf = <const W extends string>(shape: string, ...names: W[]) =>
  listOf(`${shape}s`, structure(shape, { Name: oneOf(...names), Value: text }, ['Name', 'Value']));

export const operations = {
  CreateNotificationRule: rest(
    'CreateNotificationRule',
    'POST',
    '/createNotificationRule',
    structure(
      'CreateNotificationRuleRequest',
      {
        Name: name,
        EventTypeIds: texts,
        Resource: text,
        Targets: targets,
        DetailType: detailType,
        ClientRequestToken: text,
        Tags: textMap,
        Status: ruleStatus,
      },
      ['Name', 'EventTypeIds', 'Resource', 'Targets', 'DetailType'],
    ),
    arn('CreateNotificationRuleResult'),
  ),
  DeleteNotificationRule: rest(
    'DeleteNotificationRule',
    'POST',
    '/deleteNotificationRule',
    arnNeeded('DeleteNotificationRuleRequest'),
    arn('DeleteNotificationRuleResult'),
  ),
  DeleteTarget: rest(
    'DeleteTarget',
    'POST',
    '/deleteTarget',
    structure('DeleteTargetRequest', { TargetAddress: address, ForceUnsubscribeAll: flag }, [
      'TargetAddress',
    ]),
    nothing,
  ),
  DescribeNotificationRule: rest(
    'DescribeNotificationRule',
    'POST',
    '/describeNotificationRule',
    arnNeeded('DescribeNotificationRuleRequest'),
    structure(
      'DescribeNotificationRuleResult',
      {
        Arn: text,
        Name: name,
        EventTypes: eventTypeBatch,
        Resource: text,
        Targets: targetsBatch,
        DetailType: detailType,
        CreatedBy: text,
        Status: ruleStatus,
        CreatedTimestamp: instant,
        LastModifiedTimestamp: instant,
        Tags: textMap,
      },
      ['Arn'],
    ),
  ),
  ListEventTypes: rest(
    'ListEventTypes',
    'POST',
    '/listEventTypes',
    structure('ListEventTypesRequest', {
      Filters: filtersOf('ListEventTypesFilter', 'RESOURCE_TYPE', 'SERVICE_NAME'),
      ...page,
    }),
    structure('ListEventTypesResult', { EventTypes: eventTypeBatch, NextToken: text }),
  ),
  ListNotificationRules: rest(
    'ListNotificationRules',
    'POST',
    '/listNotificationRules',
    structure('ListNotificationRulesRequest', {
      Filters: filtersOf(
        'ListNotificationRulesFilter',
        ...(['EVENT_TYPE_ID', 'CREATED_BY', 'RESOURCE', 'TARGET_ADDRESS'] as const),
      ),
      ...page,
    }),
    structure('ListNotificationRulesResult', {
      NextToken: text,
      NotificationRules: listOf('NotificationRuleBatch', ruleSummary),
    }),
  ),
  ListTagsForResource: rest(
    'ListTagsForResource',
    'POST',
    '/listTagsForResource',
    arnNeeded('ListTagsForResourceRequest'),
    structure('ListTagsForResourceResult', { Tags: textMap }),
  ),
  ListTargets: rest(
    'ListTargets',
    'POST',
    '/listTargets',
    structure('ListTargetsRequest', {
      Filters: filtersOf('ListTargetsFilter', 'TARGET_TYPE', 'TARGET_ADDRESS', 'TARGET_STATUS'),
      ...page,
    }),
    structure('ListTargetsResult', { Targets: targetsBatch, NextToken: text }),
  ),
  Subscribe: rest(
    'Subscribe',
    'POST',
    '/subscribe',
    structure('SubscribeRequest', { Arn: text, Target: target, ClientRequestToken: text }, [
      'Arn',
      'Target',
    ]),
    arn('SubscribeResult'),
  ),
  TagResource: rest(
    'TagResource',
    'POST',
    '/tagResource',
    structure('TagResourceRequest', { Arn: text, Tags: textMap }, ['Arn', 'Tags']),
    structure('TagResourceResult', { Tags: textMap }),
  ),
  Unsubscribe: rest(
    'Unsubscribe',
    'POST',
    '/unsubscribe',
    structure('UnsubscribeRequest', { Arn: text, TargetAddress: address }, [
      'Arn',
      'TargetAddress',
    ]),
    arnNeeded('UnsubscribeResult'),
  ),
  UntagResource: rest(
    'UntagResource',
    'POST',
    '/untagResource/{Arn}',
    structure(
      'UntagResourceRequest',
      { Arn: bound(text, { httpLabel: 1 }), TagKeys: bound(texts, { httpQuery: 'tagKeys' }) },
      ['Arn', 'TagKeys'],
    ),
    nothing,
  ),
  UpdateNotificationRule: rest(
    'UpdateNotificationRule',
    'POST',
    '/updateNotificationRule',
    structure(
      'UpdateNotificationRuleRequest',
      {
        Arn: text,
        Name: name,
        Status: ruleStatus,
        EventTypeIds: texts,
        Targets: targets,
        DetailType: detailType,
      },
      ['Arn'],
    ),
    nothing,
  ),
};

export type Operations = typeof operations;
export type { InputOf, OutputOf } from './shapes.ts';

/** Its errors are told by their codes alone (`AwsError`): none has a member but its message. */
export const api: Api = {
  name: 'codestar-notifications',
  protocols: [restJson],
  version: '2019-10-15',
  operations: schemasOf(operations),
  errors: {},
};
