import type { Row } from './row.ts';
import type { Command, Selected } from './syntax.ts';
import { toText } from './values.ts';

export interface ResultField {
  field: string;
  value: string;
}

const DEFAULT_COLUMNS = ['@timestamp', '@message'];

/** The names of what a query shows: what `display` says last, else all that `fields` or `stats` names. */
export function columnsOf(commands: Command[]): string[] {
  const names = new Set<string>();
  const add = (selected: Selected[]) => {
    for (const { name } of selected) names.add(name);
  };
  let displayed = false;
  for (const command of commands) {
    if (command.kind === 'stats') {
      names.clear();
      displayed = false;
      add(command.by);
      add(command.aggregates);
    } else if (command.kind === 'display') {
      names.clear();
      displayed = true;
      add(command.selected);
    } else if (command.kind === 'fields' && !displayed) add(command.selected);
  }
  return names.size === 0 ? DEFAULT_COLUMNS : [...names];
}

/** A line of results: what is missing is left out, and events have their pointer. */
export function show(row: Row, columns: string[]): ResultField[] {
  const fields: ResultField[] = [];
  for (const field of columns) {
    const value = toText(row.get(field));
    if (value !== undefined) fields.push({ field, value });
  }
  if (row.event && !columns.includes('@ptr'))
    fields.push({ field: '@ptr', value: row.event.pointer() });
  return fields;
}
