import type { PageProps } from '../page.ts';
import { BrowsePart } from './browse.tsx';
import { RepositoryFrame } from './frame.tsx';

/** A folder or file at a branch, tag or commit. */
export default function Browse({ params, query }: PageProps<'name' | 'ref' | 'path'>) {
  const { name, ref, path } = params;
  const line = Number.parseInt(query.get('anchor')?.replace(/^L/, '') ?? '', 10);
  return (
    <RepositoryFrame name={name} tab="code" {...(path !== '' && { title: path })}>
      <BrowsePart name={name} reference={ref} path={path} line={line > 0 ? line : undefined} />
    </RepositoryFrame>
  );
}
