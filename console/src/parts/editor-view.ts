import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';

interface Options {
  text: string;
  label: string;
  height: string;
  readOnly: boolean;
  /** Its language, and what only it has. */
  extensions: Extension;
  changed: (text: string) => void;
}

const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--success)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--error)' },
]);

const look = (height: string) =>
  EditorView.theme({
    '&': { color: 'var(--text)', backgroundColor: 'var(--back)', maxHeight: height },
    '.cm-scroller': { fontFamily: 'var(--mono)', fontSize: '13px', overflow: 'auto' },
    '.cm-content': { caretColor: 'var(--text)' },
    '.cm-cursor': { borderLeftColor: 'var(--text)' },
    '.cm-gutters': {
      backgroundColor: 'var(--under)',
      color: 'var(--quiet)',
      borderRightColor: 'var(--line)',
    },
    '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent' },
    '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
    '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
      backgroundColor: 'color-mix(in srgb, var(--accent) 30%, transparent) !important',
    },
    '.cm-tooltip, .cm-panels': {
      backgroundColor: 'var(--back)',
      color: 'var(--text)',
      border: '1px solid var(--line)',
    },
  });

/** In a shadow root: there CodeMirror's styles are sheets, which the content security policy has nothing against. */
export function openView(host: HTMLElement, options: Options): EditorView {
  const { text, label, height, readOnly, extensions, changed } = options;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  return new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        basicSetup,
        extensions,
        syntaxHighlighting(colors),
        look(height),
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(readOnly),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
}
