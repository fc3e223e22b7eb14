import type { CoveredLine, FormatReader } from './format.ts';

const LONGEST_LINE = 64 * 1024;

type Counted = { covered: number; missed: number };

/** lcov's trace files, which AWS does not read: Istanbul, gcov and Rust's tools write them. */
export function lcovReader(found: (line: CoveredLine) => void): FormatReader {
  let [rest, path, sawFile] = ['', '', false];
  /** Each branch of a line stands in a line of its own. */
  const branches = new Map<number, Counted>();
  const endFile = () => {
    for (const [line, counted] of branches)
      found({ path, line, covered: counted.covered > 0, branches: counted });
    branches.clear();
  };
  const read = (text: string) => {
    const [, kind, value = ''] = /^(SF|DA|BRDA):(.*)$/.exec(text) ?? [];
    if (kind === 'SF') {
      endFile();
      [path, sawFile] = [value, true];
    }
    const [line, second, , taken] = value.split(',');
    if (kind === 'DA') found({ path, line: Number(line), covered: Number(second) > 0 });
    if (kind !== 'BRDA') return;
    const counted = branches.get(Number(line)) ?? { covered: 0, missed: 0 };
    counted[Number(taken) > 0 ? 'covered' : 'missed'] += 1;
    branches.set(Number(line), counted);
  };
  return {
    write(piece) {
      const lines = (rest + piece).split(/\r?\n/);
      rest = lines.pop() ?? '';
      if (rest.length > LONGEST_LINE) throw new Error('a line is too long');
      for (const line of lines) read(line);
    },
    end() {
      read(rest);
      endFile();
      if (!sawFile) throw new Error('it is no LCOV file: no file is named (SF:)');
    },
  };
}
