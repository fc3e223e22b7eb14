import { Fragment, type ReactNode, useState } from 'react';
import { type DiffRow, folded, type Line, unified } from './line-diff.ts';

type Version = 'BEFORE' | 'AFTER';
interface At {
  line: number;
  version: Version;
}

interface Props {
  rows: readonly DiffRow[];
  unified: boolean;
  label: string;
  /** Given: line numbers are buttons. */
  say?: { label: (at: At) => string; open: (at: At) => void } | undefined;
  /** What stands below a line (what was said of it), if anything. */
  below?: (at: At) => ReactNode;
}

const MOST_IN_LINE = 2_000;
const cut = (text: string) =>
  text.length > MOST_IN_LINE ? `${text.slice(0, MOST_IN_LINE)} …` : text;

/** Rows of a comparison as a table, side by side or one below the other; what is the same is folded until it is asked for. */
export function DiffTable({ rows, unified: one, label, say, below }: Props) {
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const keep = (row: DiffRow) =>
    row.kind !== 'fold' && sidesOf(row).some((at) => below?.(at) !== undefined);
  const shown = folded(rows, { open, keep });
  const unfold = (from: number) => setOpen(new Set([...open, from]));
  return (
    <table className="diff" aria-label={label}>
      <colgroup>
        <col style={{ width: '3.6rem' }} />
        <col style={one ? { width: '3.6rem' } : {}} />
        {!one && <col style={{ width: '3.6rem' }} />}
        <col />
      </colgroup>
      <tbody>
        {one ? (
          <Unified {...{ shown, say, below, unfold }} />
        ) : (
          <Split {...{ shown, say, below, unfold }} />
        )}
      </tbody>
    </table>
  );
}

const sidesOf = ({ before, after }: { before?: Line; after?: Line }): At[] => [
  ...(before ? [{ line: before.n, version: 'BEFORE' as const }] : []),
  ...(after ? [{ line: after.n, version: 'AFTER' as const }] : []),
];

interface RowsProps {
  shown: readonly DiffRow[];
  say: Props['say'];
  below: Props['below'];
  unfold: (from: number) => void;
}

function Split({ shown, say, below, unfold }: RowsProps) {
  return shown.map((row) => {
    if (row.kind === 'fold')
      return (
        <Fold key={`fold ${row.from}`} from={row.from} to={row.to} columns={4} unfold={unfold} />
      );
    const [before, after] = [row.before, row.after];
    const look = row.kind === 'changed';
    return (
      <Fragment key={`${before?.n} ${after?.n}`}>
        <tr>
          <NumberCell
            line={before}
            version="BEFORE"
            look={look && before ? 'removed' : ''}
            say={say}
          />
          <Text line={before} look={look ? (before ? 'removed' : 'none') : ''} />
          <NumberCell line={after} version="AFTER" look={look && after ? 'added' : ''} say={say} />
          <Text line={after} look={look ? (after ? 'added' : 'none') : ''} />
        </tr>
        <Below at={sidesOf(row)} columns={4} below={below} />
      </Fragment>
    );
  });
}

function Unified({ shown, say, below, unfold }: RowsProps) {
  return unified(shown).map((row) => {
    const { kind, before, after, fold } = row;
    if (fold) return <Fold key={`fold ${fold.from}`} {...fold} columns={3} unfold={unfold} />;
    const look = kind === 'same' ? '' : kind;
    const sign = kind === 'added' ? '+' : kind === 'removed' ? '-' : ' ';
    return (
      <Fragment key={`${kind} ${before?.n} ${after?.n}`}>
        <tr>
          <NumberCell line={before} version="BEFORE" look={look} say={say} />
          <NumberCell line={after} version="AFTER" look={look} say={say} />
          <Text line={after ?? before} look={look} sign={sign} />
        </tr>
        <Below at={sidesOf(row)} columns={3} below={below} />
      </Fragment>
    );
  });
}

function NumberCell({
  line,
  version,
  look,
  say,
}: {
  line: Line | undefined;
  version: Version;
  look: string;
  say: Props['say'];
}) {
  const at = { line: line?.n ?? 0, version };
  return (
    <td className={`n ${look}`}>
      {line && say ? (
        <button
          type="button"
          className="say"
          aria-label={say.label(at)}
          title="Comment on this line"
          onClick={() => say.open(at)}
        >
          {line.n}
        </button>
      ) : (
        line?.n
      )}
    </td>
  );
}

/** The sign is there for those who see no colors, and read out to those who see nothing. */
function Text({ line, look, sign }: { line: Line | undefined; look: string; sign?: string }) {
  return (
    <td className={`t ${look}`}>
      {line && look !== '' && sign === undefined && (
        <span className="sign">{look === 'added' ? '+ ' : '- '}</span>
      )}
      {sign !== undefined && `${sign} `}
      {line && cut(line.text)}
    </td>
  );
}

function Below({
  at,
  columns,
  below,
}: {
  at: readonly At[];
  columns: number;
  below: Props['below'];
}) {
  return at.map((one) => {
    const content = below?.(one);
    return content === undefined || content === null ? null : (
      <tr key={`${one.version} ${one.line}`} className="threads">
        <td colSpan={columns}>{content}</td>
      </tr>
    );
  });
}

function Fold({
  from,
  to,
  columns,
  unfold,
}: {
  from: number;
  to: number;
  columns: number;
  unfold: (from: number) => void;
}) {
  return (
    <tr className="fold">
      <td colSpan={columns}>
        <button type="button" className="fold-open" onClick={() => unfold(from)}>
          Show {to - from} lines that are the same
        </button>
      </td>
    </tr>
  );
}
