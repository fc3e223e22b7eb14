export { c, cpp, csharp, java, kotlin, scala } from '@codemirror/legacy-modes/mode/clike';
