import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Toggle from '@cloudscape-design/components/toggle';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { Failure } from '../failure.tsx';
import './log.css';
import { rowsOf, sectionsOf } from './log-pages.ts';
import { LogScreen } from './log-screen.tsx';
import { useLog } from './use-log.ts';
import { useLogSearch } from './use-log-search.ts';

interface Props {
  group: string;
  stream: string;
  groupArn: string | undefined;
  /** More comes. */
  live: boolean;
  /** The line that the address names. */
  line: number | undefined;
  /** A line was chosen: for the address. */
  onLine: (line: number) => void;
  actions?: ReactNode;
}

const NONE: ReadonlySet<number> = new Set();

/** A log as its build writes it: colors, phases that fold, search, links to lines, and following the end. */
export function LogView({ group, stream, groupArn, live, line, onLine, actions }: Props) {
  const feed = useLog({ group, stream, groupArn }, live);
  const { pages, reading, error, fresh } = feed.state;
  const [folded, setFolded] = useState(NONE);
  const [follows, setFollows] = useState(line === undefined);
  const [target, setTarget] = useState<{ line: number; nth: number }>();
  const sections = useMemo(() => sectionsOf(pages), [pages]);
  const rows = useMemo(() => rowsOf(pages, folded), [pages, folded]);
  const search = useLogSearch(feed);

  const show = (at: number) => {
    setFollows(false);
    const around = sections.find((one) => one.from < at && at < one.to);
    if (around && folded.has(around.from))
      setFolded((before) => new Set([...before].filter((from) => from !== around.from)));
    setTarget((before) => ({ line: at, nth: (before?.nth ?? 0) + 1 }));
  };
  const ready = !fresh;
  // biome-ignore lint/correctness/useExhaustiveDependencies: goes there once, when the address names another line
  useEffect(() => {
    if (!ready || line === undefined) return;
    void feed.readTo(line).then((there) => there && show(line - 1));
  }, [ready, line, feed]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: goes to what was found, not to what was folded since
  useEffect(() => {
    if (search.current !== undefined) show(search.current);
  }, [search.current, search.nth]);

  const fold = (from: number) =>
    setFolded((before) =>
      before.has(from)
        ? new Set([...before].filter((one) => one !== from))
        : new Set([...before, from]),
    );
  const shown = search.found.length;
  return (
    <SpaceBetween size="s">
      <div className="log-bar">
        <div className="log-search">
          <Input
            type="search"
            value={search.text}
            ariaLabel="Search the log"
            placeholder="Search the log"
            onChange={({ detail }) => search.setText(detail.value)}
            onKeyDown={({ detail }) => {
              if (detail.key === 'Enter') search.step(detail.shiftKey ? -1 : 1);
            }}
          />
        </div>
        {search.text !== '' && (
          <SpaceBetween direction="horizontal" size="xs" alignItems="center">
            <span aria-live="polite">
              {shown === 0
                ? search.busy
                  ? 'Searching …'
                  : 'Not found'
                : `${search.index + 1} of ${shown}${search.more ? '+' : ''}`}
            </span>
            <Button
              iconName="angle-up"
              variant="icon"
              ariaLabel="Previous"
              onClick={() => search.step(-1)}
            />
            <Button
              iconName="angle-down"
              variant="icon"
              ariaLabel="Next"
              onClick={() => search.step(1)}
            />
            {!pages.joined && (
              <Button loading={search.busy} onClick={search.all}>
                Search all of it
              </Button>
            )}
          </SpaceBetween>
        )}
        <SpaceBetween direction="horizontal" size="xs" alignItems="center">
          {sections.length > 0 && (
            <ButtonDropdown
              items={[
                ...sections.map(({ phase, from }) => ({ id: `${from}`, text: phase })),
                folded.size > 0
                  ? { id: 'unfold', text: 'Unfold all phases' }
                  : { id: 'fold', text: 'Fold all phases' },
              ]}
              onItemClick={({ detail: { id } }) => {
                if (id === 'unfold') setFolded(NONE);
                else if (id === 'fold') setFolded(new Set(sections.map(({ from }) => from)));
                else show(Number(id));
              }}
            >
              Phases
            </ButtonDropdown>
          )}
          <Button
            onClick={() => {
              setFollows(false);
              void feed.readStart().then(() => show(0));
            }}
          >
            Begin
          </Button>
          <Toggle checked={follows} onChange={({ detail }) => setFollows(detail.checked)}>
            {live ? 'Follow' : 'End'}
          </Toggle>
          {actions}
        </SpaceBetween>
      </div>
      {error !== undefined && (
        <Failure error={error} again={() => void (fresh ? feed.open() : feed.refresh())} />
      )}
      <LogScreen
        feed={feed}
        rows={rows}
        sections={sections}
        folded={folded}
        fold={fold}
        follows={follows}
        setFollows={setFollows}
        target={target}
        marked={line}
        search={search.text}
        current={search.current}
        onLine={onLine}
        empty={fresh || reading ? 'Reading the log …' : 'The log has no line yet.'}
      />
    </SpaceBetween>
  );
}
