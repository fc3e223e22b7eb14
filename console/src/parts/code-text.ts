import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { openView } from './editor-view.ts';
import { languageOf } from './languages.ts';

interface Options {
  path: string;
  text: string;
  label: string;
  /** From 1: scrolled to and marked. */
  line?: number | undefined;
  /** Not given: only to be read. */
  changed?: ((text: string) => void) | undefined;
  height: string;
}

const more = HighlightStyle.define([
  { tag: [tags.typeName, tags.className, tags.tagName], color: 'var(--accent)' },
  { tag: [tags.attributeName, tags.meta], color: 'var(--quiet)' },
]);

/** A file's text, in the language that its name tells. @returns what closes it */
export async function openCode(host: HTMLElement, options: Options): Promise<() => void> {
  const { path, text, label, line, changed, height } = options;
  const language = await languageOf(path);
  const view = openView(host, {
    ...{ text, label, height, readOnly: changed === undefined },
    extensions: [language ?? [], syntaxHighlighting(more)],
    changed: (typed) => changed?.(typed),
  });
  if (line !== undefined && line >= 1 && line <= view.state.doc.lines) {
    const { from, to } = view.state.doc.line(line);
    view.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: 'center' }),
    });
  }
  return () => view.destroy();
}
