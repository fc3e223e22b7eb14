export { css, sCSS } from '@codemirror/legacy-modes/mode/css';
