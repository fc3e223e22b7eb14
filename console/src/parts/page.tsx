import ContentLayout from '@cloudscape-design/components/content-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';
import { type Crumb, useNamed } from './title.ts';

interface Props {
  title: string;
  /** The way here: the listing first, the page itself not. */
  crumbs: readonly Crumb[];
  description?: ReactNode;
  actions?: ReactNode;
  /** Of the call without which there is nothing to show. */
  error?: unknown;
  again?: (() => void) | undefined;
  /** Nothing of it is there yet. */
  loading?: boolean;
  children?: ReactNode;
}

/** What every page but a table page stands in: its name, breadcrumbs, buttons, parts one below the other. */
export function Page(props: Props) {
  const { title, crumbs, description, actions, error, again, loading, children } = props;
  useNamed(title, crumbs);
  return (
    <ContentLayout
      header={
        <Header variant="h1" description={description} actions={actions}>
          {title}
        </Header>
      }
    >
      <SpaceBetween size="l">
        {error !== undefined && error !== null && (
          <Failure error={error} {...(again && { again })} />
        )}
        {loading && !error && <Spinner size="large" />}
        {children}
      </SpaceBetween>
    </ContentLayout>
  );
}
