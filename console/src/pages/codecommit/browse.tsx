import {
  CodeCommitClient,
  type File,
  GetFileCommand,
  GetFolderCommand,
  type GetFolderCommandOutput,
  type RepositoryMetadata,
} from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Icon from '@cloudscape-design/components/icon';
import Link from '@cloudscape-design/components/link';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { follow, go, href } from '../../app/router.ts';
import { Failure } from '../../parts/failure.tsx';
import { CloneDialog } from './clone-box.tsx';
import { CommitLine } from './commit-line.tsx';
import { nameOf, parentOf, shortId, textOf } from './content.ts';
import { FileView } from './file-view.tsx';
import { BrowseLink, browseFragment } from './links.tsx';
import { RefChooser, useBranches } from './ref-chooser.tsx';
import './code.css';

interface Props {
  name: string;
  reference: string;
  path: string;
  line?: number | undefined;
  /** Given: with a button that says how to clone it. */
  clone?: RepositoryMetadata;
}

/** What stands at a path: a folder's entries with its README below, or a file. */
export function BrowsePart({ name, reference, path, line, clone }: Props) {
  const at = (folderPath: string) =>
    new GetFolderCommand({ repositoryName: name, commitSpecifier: reference, folderPath });
  // The folder that it lies in tells what it is, without a call that is known to fail for half of all paths.
  const above = useAws(CodeCommitClient, path === '' ? undefined : at(parentOf(path) || '/'));
  const isFile = [...(above.data?.files ?? []), ...(above.data?.symbolicLinks ?? [])].some(
    ({ absolutePath }) => absolutePath === path,
  );
  const inside = useAws(
    CodeCommitClient,
    path === '' ? at('/') : above.data && !isFile ? at(path) : undefined,
  );
  const folder = above.error ? above : inside;
  const { branches } = useBranches(name);
  const [cloning, setCloning] = useState(false);
  const onBranch = branches?.includes(reference) ?? false;
  const to = (pattern: string) =>
    href('codecommit', fragmentOf(pattern, { name, ref: reference, path }));
  const browse = (at: string) => href('codecommit', browseFragment(name, reference, at));
  return (
    <SpaceBetween size="m">
      <div className="filters">
        <RefChooser
          repositoryName={name}
          value={reference}
          onChoose={(ref) => go({ fragment: browseFragment(name, ref, path) })}
        />
        <SpaceBetween direction="horizontal" size="xs">
          <Button
            href={
              to('/repository/:name/commits/:ref') +
              (path === '' ? '' : `?path=${encodeURIComponent(path)}`)
            }
            onFollow={follow}
          >
            History
          </Button>
          {!isFile && (
            <Button
              disabled={!onBranch}
              href={to('/repository/:name/create/:ref/--/*path')}
              onFollow={follow}
            >
              Create file
            </Button>
          )}
          {clone && (
            <Button variant="primary" iconName="download" onClick={() => setCloning(true)}>
              Clone
            </Button>
          )}
        </SpaceBetween>
      </div>
      {path !== '' && (
        <BreadcrumbGroup
          ariaLabel="Path"
          onFollow={follow}
          items={[
            { text: name, href: browse('') },
            ...path.split('/').map((text, i, all) => ({
              ...{ text, href: browse(all.slice(0, i + 1).join('/')) },
            })),
          ]}
        />
      )}
      {folder.isPending && !isFile && <Spinner />}
      {folder.error && <Failure error={folder.error} again={() => void folder.refetch()} />}
      {folder.data && (
        <SpaceBetween size="m">
          <CommitLine repositoryName={name} commitId={folder.data.commitId} />
          <Entries folder={folder.data} name={name} reference={reference} path={path} />
          <Readme folder={folder.data} name={name} reference={reference} />
        </SpaceBetween>
      )}
      {isFile && <FileView {...{ name, reference, path, line, onBranch }} />}
      {cloning && clone && <CloneDialog repository={clone} close={() => setCloning(false)} />}
    </SpaceBetween>
  );
}

interface Entry {
  kind: 'folder' | 'file' | 'link' | 'module' | 'up';
  text: string;
  path: string;
  note?: string | undefined;
}

function entriesOf(folder: GetFolderCommandOutput, path: string): Entry[] {
  const { subFolders = [], files = [], symbolicLinks = [], subModules = [] } = folder;
  const entry = (
    kind: Entry['kind'],
    { relativePath: text = '', absolutePath = '' }: File,
    note?: string,
  ): Entry => ({ kind, text, path: absolutePath, note });
  return [
    ...(path === '' ? [] : [{ kind: 'up' as const, text: '..', path: parentOf(path) }]),
    ...subFolders.map((one) => entry('folder', one)),
    ...subModules.map((one) => entry('module', one, `submodule at ${shortId(one.commitId)}`)),
    ...symbolicLinks.map((one) => entry('link', one, 'symbolic link')),
    ...files.map((one) =>
      entry('file', one, one.fileMode === 'EXECUTABLE' ? 'executable' : undefined),
    ),
  ];
}

const ICONS = {
  folder: 'folder',
  file: 'file',
  link: 'share',
  module: 'external',
  up: 'folder-open',
} as const;
/** A browser has enough to do with that many. */
const SHOWN = 1_000;

function Entries({
  folder,
  name,
  reference,
  path,
}: {
  folder: GetFolderCommandOutput;
  name: string;
  reference: string;
  path: string;
}) {
  const [all, setAll] = useState(false);
  const entries = entriesOf(folder, path);
  return (
    <Table<Entry>
      variant="container"
      items={all ? entries : entries.slice(0, SHOWN)}
      trackBy="text"
      ariaLabels={{ tableLabel: `Files of ${path === '' ? name : path}` }}
      columnDefinitions={[
        {
          id: 'name',
          header: 'Name',
          isRowHeader: true,
          cell: (entry) => (
            <>
              <Icon name={ICONS[entry.kind]} />{' '}
              {entry.kind === 'module' ? (
                entry.text
              ) : (
                <BrowseLink name={name} reference={reference} path={entry.path}>
                  {entry.text}
                </BrowseLink>
              )}
            </>
          ),
        },
        { id: 'note', header: '', cell: ({ note }) => note ?? '' },
      ]}
      empty="This folder is empty."
      footer={
        !all && entries.length > SHOWN ? (
          <Link onFollow={() => setAll(true)}>Show all {entries.length}</Link>
        ) : undefined
      }
    />
  );
}

/** As a text: what a README's author writes is shown, not run. */
function Readme({
  folder,
  name,
  reference,
}: {
  folder: GetFolderCommandOutput;
  name: string;
  reference: string;
}) {
  const path = folder.files?.find(({ relativePath = '' }) =>
    /^readme(\.(md|markdown|txt|rst))?$/i.test(relativePath),
  )?.absolutePath;
  const { data } = useAws(
    CodeCommitClient,
    path === undefined
      ? undefined
      : new GetFileCommand({ repositoryName: name, commitSpecifier: reference, filePath: path }),
  );
  const text = data?.fileContent && textOf(data.fileContent);
  if (path === undefined || text === undefined) return null;
  return (
    <Container header={<Header variant="h2">{nameOf(path)}</Header>}>
      <Box variant="div">
        <div className="readme">{text.slice(0, 100_000)}</div>
      </Box>
    </Container>
  );
}
