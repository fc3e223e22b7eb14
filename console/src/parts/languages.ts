import { StreamLanguage, type StreamParser } from '@codemirror/language';

/*
 * Which language a file is in, by its name, and the tokenizer for it: CodeMirror's stream modes, which are a few kilobytes
 * each and loaded one at a time.
 */

type Load = () => Promise<StreamParser<unknown>>;
const mode = <T>(load: () => Promise<T>, pick: (all: T) => unknown): Load => {
  return async () => pick(await load()) as StreamParser<unknown>;
};

const js = () => import('@codemirror/legacy-modes/mode/javascript');
const clike = () => import('@codemirror/legacy-modes/mode/clike');
const css = () => import('@codemirror/legacy-modes/mode/css');
const xml = () => import('@codemirror/legacy-modes/mode/xml');
const python = () => import('@codemirror/legacy-modes/mode/python');
const shell = () => import('@codemirror/legacy-modes/mode/shell');

const LANGUAGES: readonly (readonly [names: RegExp, load: Load])[] = [
  [/\.(ts|tsx|mts|cts)$/, mode(js, (m) => m.typescript)],
  [/\.(js|jsx|mjs|cjs)$/, mode(js, (m) => m.javascript)],
  [/\.(json|json5|map|webmanifest|tfstate)$/, mode(js, (m) => m.json)],
  [
    /\.ya?ml$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/yaml'),
      (m) => m.yaml,
    ),
  ],
  [/\.(py|pyi)$/, mode(python, (m) => m.python)],
  [/(\.(sh|bash|zsh|ksh)|\/?\.(bashrc|profile))$/, mode(shell, (m) => m.shell)],
  [
    /\.go$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/go'),
      (m) => m.go,
    ),
  ],
  [
    /\.rs$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/rust'),
      (m) => m.rust,
    ),
  ],
  [
    /\.(rb|gemspec)$|(^|\/)(Gemfile|Rakefile)$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/ruby'),
      (m) => m.ruby,
    ),
  ],
  [/\.java$/, mode(clike, (m) => m.java)],
  [/\.(c|h)$/, mode(clike, (m) => m.c)],
  [/\.(cc|cpp|cxx|hpp|hh)$/, mode(clike, (m) => m.cpp)],
  [/\.cs$/, mode(clike, (m) => m.csharp)],
  [/\.kts?$/, mode(clike, (m) => m.kotlin)],
  [/\.scala$/, mode(clike, (m) => m.scala)],
  [/\.css$/, mode(css, (m) => m.css)],
  [/\.scss$/, mode(css, (m) => m.sCSS)],
  [/\.(html?|vue)$/, mode(xml, (m) => m.html)],
  [/\.(xml|svg|xsd|xsl|plist|csproj)$|(^|\/)pom\.xml$/, mode(xml, (m) => m.xml)],
  [
    /\.sql$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/sql'),
      (m) => m.standardSQL,
    ),
  ],
  [
    /\.toml$|(^|\/)Cargo\.lock$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/toml'),
      (m) => m.toml,
    ),
  ],
  [
    /\.(ini|properties|cfg|conf|env)$|(^|\/)\.(gitconfig|npmrc|editorconfig)$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/properties'),
      (m) => m.properties,
    ),
  ],
  [
    /(^|\/)(Dockerfile|Containerfile)[^/]*$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/dockerfile'),
      (m) => m.dockerFile,
    ),
  ],
  [
    /\.(diff|patch)$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/diff'),
      (m) => m.diff,
    ),
  ],
  [
    /\.swift$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/swift'),
      (m) => m.swift,
    ),
  ],
  [
    /\.ps1$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/powershell'),
      (m) => m.powerShell,
    ),
  ],
  [
    /\.lua$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/lua'),
      (m) => m.lua,
    ),
  ],
  [
    /\.(pl|pm)$/,
    mode(
      () => import('@codemirror/legacy-modes/mode/perl'),
      (m) => m.perl,
    ),
  ],
];

/** Undefined where the name tells none: shown plain. */
export async function languageOf(path: string) {
  const [, load] = LANGUAGES.find(([names]) => names.test(path)) ?? [];
  return load && StreamLanguage.define(await load());
}
