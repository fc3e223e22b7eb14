import type { Event, LookupAttribute } from '@aws-sdk/client-cloudtrail';
import Button from '@cloudscape-design/components/button';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { CodeField } from '../../parts/editor.tsx';
import { Empty } from '../../parts/empty.tsx';
import { Long } from '../../parts/long.tsx';
import { TablePage } from '../../parts/table-page.tsx';
import { Time } from '../../parts/time.tsx';
import { useEvents } from '../../parts/use-events.ts';

const KEYS = [
  'EventName',
  'Username',
  'ResourceName',
  'ResourceType',
  'EventSource',
  'AccessKeyId',
  'ReadOnly',
  'EventId',
] as const;
/** Pages of fifty. */
const PAGES = 6;

const errorOf = ({ CloudTrailEvent }: Event): string => {
  try {
    return JSON.parse(CloudTrailEvent ?? '').errorCode ?? '';
  } catch {
    return '';
  }
};

const pretty = (text: string | undefined) => {
  try {
    return JSON.stringify(JSON.parse(text ?? ''), null, 2);
  } catch {
    return text ?? '';
  }
};

/** CloudTrail's event history. */
export default function Events() {
  const [key, setKey] = useState<(typeof KEYS)[number]>('ReadOnly');
  const [typed, setTyped] = useState('false');
  const [attribute, setAttribute] = useState<LookupAttribute | undefined>({
    ...{ AttributeKey: 'ReadOnly', AttributeValue: 'false' },
  });
  const { events, error, isPending, isFetching, refetch, more } = useEvents(attribute, PAGES);
  const [selected, setSelected] = useState<Event[]>([]);
  const chosen = events?.find(({ EventId }) => EventId === selected[0]?.EventId);
  const find = () =>
    setAttribute(typed === '' ? undefined : { AttributeKey: key, AttributeValue: typed });
  return (
    <SpaceBetween size="l">
      <TablePage<Event>
        noun="events"
        title="Event history"
        description={
          more
            ? `The last ${events?.length} that match; a narrower filter finds older ones.`
            : undefined
        }
        crumbs={[]}
        items={events}
        loading={isPending}
        error={error}
        again={() => void refetch()}
        keyOf={({ EventId = '' }) => EventId}
        selection={{ type: 'single', selected, onChange: setSelected }}
        pageSize={20}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <Select
              ariaLabel="Look up by"
              selectedOption={{ value: key, label: key }}
              onChange={({ detail }) => setKey(detail.selectedOption.value as typeof key)}
              options={KEYS.map((value) => ({ value, label: value }))}
            />
            <Input
              ariaLabel="Value to look up"
              value={typed}
              onChange={({ detail }) => setTyped(detail.value)}
            />
            <Button loading={isFetching} onClick={find}>
              Look up
            </Button>
          </SpaceBetween>
        }
        columns={[
          {
            id: 'name',
            header: 'Event name',
            names: true,
            by: (one) => one.EventName,
            width: 200,
            cell: (one) => one.EventName,
          },
          {
            id: 'at',
            header: 'Event time',
            by: (one) => one.EventTime,
            cell: (one) => <Time at={one.EventTime} />,
          },
          {
            id: 'user',
            header: 'User name',
            by: (one) => one.Username,
            cell: (one) => one.Username ?? '–',
          },
          {
            id: 'source',
            header: 'Event source',
            by: (one) => one.EventSource,
            width: 200,
            cell: (one) => one.EventSource,
          },
          {
            id: 'resource',
            header: 'Resource name',
            by: (one) => one.Resources?.[0]?.ResourceName,
            width: 260,
            cell: (one) => <Long text={one.Resources?.[0]?.ResourceName} />,
          },
          { id: 'error', header: 'Error code', by: errorOf, cell: (one) => errorOf(one) || '–' },
        ]}
        empty={<Empty title="No event matches." commands={['aws cloudtrail lookup-events']} />}
      />
      {chosen && (
        <CodeField
          key={chosen.EventId}
          label={`Event record of ${chosen.EventName}`}
          language="json"
          value={pretty(chosen.CloudTrailEvent)}
          height="50vh"
        />
      )}
    </SpaceBetween>
  );
}
