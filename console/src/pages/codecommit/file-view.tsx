import { CodeCommitClient, DeleteFileCommand, GetFileCommand } from '@aws-sdk/client-codecommit';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useState } from 'react';
import { useAct, useAws } from '../../api/use-aws.ts';
import { fragmentOf } from '../../app/place.ts';
import { follow, go, href } from '../../app/router.ts';
import { CodeView } from '../../parts/code-view.tsx';
import { Confirm } from '../../parts/confirm.tsx';
import { Failure } from '../../parts/failure.tsx';
import { CommitLine } from './commit-line.tsx';
import { nameOf, parentOf, pictureType, sizeText, textOf } from './content.ts';
import { browseFragment } from './links.tsx';

interface Props {
  name: string;
  reference: string;
  path: string;
  line?: number | undefined;
  /** Only a branch can be changed. */
  onBranch: boolean;
}

/** A file: as text, as picture, or to be taken home. */
export function FileView({ name, reference, path, line, onBranch }: Props) {
  const { data, error, isPending, refetch } = useAws(
    CodeCommitClient,
    new GetFileCommand({ repositoryName: name, commitSpecifier: reference, filePath: path }),
  );
  const [deleting, setDeleting] = useState(false);
  if (error) return <Failure error={error} again={() => void refetch()} />;
  if (isPending || !data) return <Spinner />;
  const bytes = data.fileContent ?? new Uint8Array();
  const text = textOf(bytes);
  const picture = pictureType(path);
  const to = (pattern: string) =>
    href('codecommit', fragmentOf(pattern, { name, ref: reference, path }));
  return (
    <SpaceBetween size="s">
      <CommitLine repositoryName={name} commitId={data.commitId} />
      <Container
        header={
          <Header
            variant="h2"
            description={`${sizeText(bytes.length)}${data.fileMode === 'EXECUTABLE' ? ', executable' : ''}`}
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <Button onClick={() => save(bytes, nameOf(path))}>Download</Button>
                <Button disabled={!onBranch} onClick={() => setDeleting(true)}>
                  Delete
                </Button>
                <Button
                  disabled={!onBranch || text === undefined}
                  href={to('/repository/:name/edit/:ref/--/*path')}
                  onFollow={follow}
                >
                  Edit
                </Button>
              </SpaceBetween>
            }
          >
            {nameOf(path)}
          </Header>
        }
      >
        {text !== undefined ? (
          <CodeView path={path} text={text} label={`Content of ${path}`} line={line} />
        ) : picture !== undefined ? (
          <Picture bytes={bytes} type={picture} name={nameOf(path)} />
        ) : (
          <Box>This file is not text. Download it to look at it.</Box>
        )}
      </Container>
      {deleting && (
        <DeleteFile
          {...{ name, path }}
          branch={reference}
          tip={data.commitId ?? ''}
          close={() => setDeleting(false)}
        />
      )}
    </SpaceBetween>
  );
}

function DeleteFile({
  name,
  path,
  branch,
  tip,
  close,
}: Record<'name' | 'path' | 'branch' | 'tip', string> & { close: () => void }) {
  const { act } = useAct(CodeCommitClient);
  return (
    <Confirm
      title={`Delete ${path}?`}
      verb="Delete file"
      close={close}
      act={async () => {
        const where = { repositoryName: name, branchName: branch, parentCommitId: tip };
        await act(new DeleteFileCommand({ ...where, filePath: path }), {
          done: `${path} has been deleted on ${branch}.`,
          sayFailure: false,
        });
        go({ service: 'codecommit', fragment: browseFragment(name, branch, parentOf(path)) });
      }}
    >
      This commits to {branch}; the file stays in its history.
    </Confirm>
  );
}

/** Whatever it is, a browser is told only that it is bytes. */
function save(bytes: Uint8Array, name: string) {
  const url = URL.createObjectURL(
    new Blob([new Uint8Array(bytes)], { type: 'application/octet-stream' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function Picture({ bytes, type, name }: { bytes: Uint8Array; type: string; name: string }) {
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  return url === undefined ? null : <img className="picture" src={url} alt={name} />;
}
