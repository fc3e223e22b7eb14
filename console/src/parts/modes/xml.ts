export { html, xml } from '@codemirror/legacy-modes/mode/xml';
