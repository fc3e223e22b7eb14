import { unsupported } from '../../../aws/errors.ts';
import { page } from '../../../kit/pages.ts';
import { invalidToken } from '../errors.ts';
import { HISTORY_PAGE } from '../limits.ts';
import { alarm } from '../resources/alarm.ts';
import { type HistoryKey, listHistory } from '../store/history.ts';
import { cloudwatch } from './declare.ts';

export const describeAlarmHistory = cloudwatch(
  'describeAlarmHistory',
  { resource: (ctx, { AlarmName = '*' }) => alarm.locate(ctx, AlarmName).arn },
  async (ctx, input) => {
    if (input.AlarmContributorId !== undefined) throw unsupported('contributors of alarms');
    const { AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate } = input;
    // Without types it is metric alarms alone, unless one alarm is asked about.
    const unsaid = AlarmName === undefined ? ['MetricAlarm'] : undefined;
    const types = AlarmTypes?.length ? AlarmTypes : unsaid;
    const filter = {
      ...{ alarmName: AlarmName, types, itemType: HistoryItemType },
      ...{ from: StartDate?.getTime(), to: EndDate?.getTime() },
      order: input.ScanBy === 'TimestampAscending' ? ('asc' as const) : ('desc' as const),
    };
    const asked = {
      token: input.NextToken,
      limit: input.MaxRecords ?? HISTORY_PAGE,
      refuse: invalidToken,
    };
    const { items, nextToken } = await page(
      ctx,
      asked,
      (after: HistoryKey | undefined, count) => listHistory(ctx.db, ctx, filter, after, count),
      ({ key }) => key,
    );
    return {
      AlarmHistoryItems: items.map(({ alarmName, alarmType, at, type, summary, data }) => ({
        AlarmName: alarmName,
        AlarmType: alarmType,
        Timestamp: new Date(at),
        HistoryItemType: type,
        HistorySummary: summary,
        HistoryData: data,
      })),
      ...(nextToken !== undefined && { NextToken: nextToken }),
    };
  },
);
