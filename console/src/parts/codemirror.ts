import { autocompletion, completeAnyWord } from '@codemirror/autocomplete';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';

export interface Editor {
  show: (text: string) => void;
  close: () => void;
}

interface Options {
  value: string;
  language: 'json' | 'yaml';
  label: string;
  readOnly: boolean;
  height?: string;
  words?: readonly string[] | undefined;
  changed: (text: string) => void;
}

export const colors = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent)' },
  { tag: [tags.string, tags.content], color: 'var(--success)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--warning)' },
  { tag: tags.comment, color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--error)' },
]);

export const look = (height: string) =>
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
export function openEditor(host: HTMLElement, options: Options): Editor {
  const { value, language, label, readOnly, height = '60vh', words, changed } = options;
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open' });
  let shown = value;
  /** Of the page's own doing: nobody has typed. */
  let showing = false;
  const named = words
    ? [
        autocompletion({
          override: [
            (context) => {
              const word = context.matchBefore(/[\w-]+/);
              if (!word && !context.explicit) return null;
              return {
                from: word?.from ?? context.pos,
                options: words.map((text) => ({ label: text })),
              };
            },
            completeAnyWord,
          ],
        }),
      ]
    : [];
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: value,
      extensions: [
        basicSetup,
        language === 'json' ? [json(), linter(jsonParseLinter()), lintGutter()] : yaml(),
        syntaxHighlighting(colors),
        look(height),
        named,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': label }),
        EditorState.readOnly.of(readOnly),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          shown = update.state.doc.toString();
          if (!showing) changed(shown);
        }),
      ],
    }),
  });
  return {
    show(text) {
      if (text === shown) return;
      showing = true;
      try {
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      } finally {
        showing = false;
      }
      // As given: CodeMirror has line ends of its own.
      shown = text;
    },
    close: () => view.destroy(),
  };
}
