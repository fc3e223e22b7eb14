import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { colors, look } from './codemirror.ts';
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

/** A file's text: in a shadow root, as codemirror.ts says. @returns what closes it */
export async function openCode(host: HTMLElement, options: Options): Promise<() => void> {
  const { path, text, label, line, changed, height } = options;
  const language = await languageOf(path);
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        basicSetup,
        language ?? [],
        syntaxHighlighting(colors),
        syntaxHighlighting(more),
        look(height),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(changed === undefined),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed?.(update.state.doc.toString());
        }),
      ],
    }),
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
