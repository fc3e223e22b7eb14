import { useCollection } from '@cloudscape-design/collection-hooks';
import Header from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import Table, { type TableProps } from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { Empty } from './empty.tsx';
import { Failure } from './failure.tsx';
import { type Crumb, useNamed } from './title.ts';

export interface Column<T> {
  /** Unique; of a member that is sorted by, its name. */
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What it is sorted and found by; none: not sorted by, not looked through. */
  by?: (item: T) => string | number | Date | undefined;
  width?: number;
  /** The row's name, for screen readers. */
  names?: boolean;
}

interface Props<T> {
  /** As a word: "pipelines". */
  noun: string;
  title: string;
  description?: ReactNode;
  /** Given: the table is the page. Not given: it is a part of one. */
  crumbs?: readonly Crumb[];
  columns: readonly Column<T>[];
  items: readonly T[] | undefined;
  keyOf: (item: T) => string;
  loading?: boolean;
  error?: unknown;
  again?: () => void;
  actions?: ReactNode;
  /** Shown where there is nothing at all. */
  empty: ReactNode;
  /** Column that it is sorted by at first, and whether the greatest comes first. */
  sorted?: { id: string; descending?: boolean };
  pageSize?: number;
  /** Where one or several are chosen. */
  selection?: {
    type: 'single' | 'multi';
    selected: readonly T[];
    onChange: (selected: T[]) => void;
  };
  /** Other filters, beside the text. */
  filters?: ReactNode;
  /** More of it can be fetched. */
  footer?: ReactNode;
  /** There is more of it than `items`, and no way here to see it: said below. */
  more?: boolean;
  /** How many there are where `items` are a part of them. */
  count?: number;
  /** What could not be asked of the items, which are shown nevertheless. */
  partly?: unknown;
}

const PAGE = 50;
/** Height of the top navigation in pixels. */
const TOP = 57;

const comparable = (value: string | number | Date | undefined) =>
  value instanceof Date ? value.getTime() : (value ?? '');

function compare(a: string | number, b: string | number) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return `${a}`.localeCompare(`${b}`, 'en', { numeric: true });
}

function definitionOf<T>({ id, header, cell, by, width, names }: Column<T>) {
  return {
    ...{ id, header, cell },
    ...(by && {
      sortingField: id,
      sortingComparator: (a: T, b: T) => compare(comparable(by(a)), comparable(by(b))),
    }),
    ...(width !== undefined && { width, minWidth: Math.min(width, 120) }),
    ...(names && { isRowHeader: true }),
  } satisfies TableProps.ColumnDefinition<T>;
}

/** A list of resources that is filtered, sorted and paged in the browser. */
export function TablePage<T>(props: Props<T>) {
  const { noun, title, columns, items = [], keyOf, crumbs, selection } = props;
  const definitions = columns.map(definitionOf);
  const first = definitions.find(({ id }) => id === props.sorted?.id);
  const {
    items: shown,
    collectionProps,
    filterProps,
    filteredItemsCount,
    paginationProps,
  } = useCollection(items, {
    filtering: {
      filteringFunction: (item, text) => {
        const wanted = text.toLowerCase();
        return columns.some(({ by }) => `${by?.(item) ?? ''}`.toLowerCase().includes(wanted));
      },
      empty: props.empty,
      noMatch: <Empty title={`No ${noun} match.`} />,
    },
    pagination: { pageSize: props.pageSize ?? PAGE },
    sorting: first
      ? {
          defaultState: {
            sortingColumn: first,
            isDescending: props.sorted?.descending ?? false,
          },
        }
      : {},
  });
  const count = props.count ?? items.length;
  const counted = count > 0 ? `(${count}${props.more ? '+' : ''})` : undefined;
  // Looking through a part would find nothing in the others.
  const finds = columns.some(({ by }) => by !== undefined);
  return (
    <>
      {crumbs && <Named title={title} crumbs={crumbs} />}
      {props.partly !== undefined && props.partly !== null && <Failure error={props.partly} />}
      <Table<T>
        {...collectionProps}
        variant={crumbs ? 'full-page' : 'container'}
        stickyHeader={crumbs !== undefined}
        stickyHeaderVerticalOffset={TOP}
        resizableColumns
        wrapLines
        columnDefinitions={definitions}
        items={props.error ? [] : shown}
        trackBy={keyOf}
        loading={props.loading ?? false}
        loadingText={`Loading ${noun}`}
        enableKeyboardNavigation
        {...(selection && {
          selectionType: selection.type,
          selectedItems: items.filter((item) =>
            selection.selected.some((one) => keyOf(one) === keyOf(item)),
          ),
          onSelectionChange: ({ detail }) => selection.onChange(detail.selectedItems),
        })}
        ariaLabels={{
          tableLabel: title,
          itemSelectionLabel: (_, item) => `Select ${keyOf(item)}`,
          selectionGroupLabel: `Select ${noun}`,
          allItemsSelectionLabel: () => `Select all ${noun}`,
        }}
        empty={
          props.error ? (
            <Failure error={props.error} {...(props.again && { again: props.again })} />
          ) : (
            collectionProps.empty
          )
        }
        header={
          <Header
            variant={crumbs ? 'awsui-h1-sticky' : 'h2'}
            counter={counted}
            description={props.description}
            actions={props.actions}
          >
            {title}
          </Header>
        }
        filter={
          items.length > 0 &&
          (finds || props.filters !== undefined) && (
            <div className="filters">
              {finds && (
                <TextFilter
                  {...filterProps}
                  filteringPlaceholder={`Find ${noun}`}
                  filteringAriaLabel={`Find ${noun}`}
                  countText={`${filteredItemsCount} ${filteredItemsCount === 1 ? 'match' : 'matches'}`}
                />
              )}
              {props.filters}
            </div>
          )
        }
        pagination={(paginationProps.pagesCount ?? 1) > 1 && <Pagination {...paginationProps} />}
        footer={
          props.more
            ? `There are more ${noun}, which are not shown: these are the first ${items.length}.`
            : props.footer
        }
      />
    </>
  );
}

function Named({ title, crumbs }: { title: string; crumbs: readonly Crumb[] }) {
  useNamed(title, crumbs);
  return null;
}
