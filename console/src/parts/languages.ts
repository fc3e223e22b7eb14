import { StreamLanguage, type StreamParser } from '@codemirror/language';

/*
 * Which language a file is in, by its name, and the tokenizer for it: CodeMirror's stream modes, which are a few kilobytes
 * each and loaded one at a time (by way of modes/, so that what we do not name is left out).
 */

type Load = () => Promise<StreamParser<unknown>>;
const mode = <T>(load: () => Promise<T>, pick: (all: T) => unknown): Load => {
  return async () => pick(await load()) as StreamParser<unknown>;
};

const js = () => import('./modes/javascript.ts');
const clike = () => import('./modes/clike.ts');
const css = () => import('./modes/css.ts');
const xml = () => import('./modes/xml.ts');
const python = () => import('./modes/python.ts');
const shell = () => import('./modes/shell.ts');

const LANGUAGES: readonly (readonly [names: RegExp, load: Load])[] = [
  [/\.(ts|tsx|mts|cts)$/, mode(js, (m) => m.typescript)],
  [/\.(js|jsx|mjs|cjs)$/, mode(js, (m) => m.javascript)],
  [/\.(json|json5|map|webmanifest|tfstate)$/, mode(js, (m) => m.json)],
  [
    /\.ya?ml$/,
    mode(
      () => import('./modes/yaml.ts'),
      (m) => m.yaml,
    ),
  ],
  [/\.(py|pyi)$/, mode(python, (m) => m.python)],
  [/(\.(sh|bash|zsh|ksh)|\/?\.(bashrc|profile))$/, mode(shell, (m) => m.shell)],
  [
    /\.go$/,
    mode(
      () => import('./modes/go.ts'),
      (m) => m.go,
    ),
  ],
  [
    /\.rs$/,
    mode(
      () => import('./modes/rust.ts'),
      (m) => m.rust,
    ),
  ],
  [
    /\.(rb|gemspec)$|(^|\/)(Gemfile|Rakefile)$/,
    mode(
      () => import('./modes/ruby.ts'),
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
      () => import('./modes/sql.ts'),
      (m) => m.standardSQL,
    ),
  ],
  [
    /\.toml$|(^|\/)Cargo\.lock$/,
    mode(
      () => import('./modes/toml.ts'),
      (m) => m.toml,
    ),
  ],
  [
    /\.(ini|properties|cfg|conf|env)$|(^|\/)\.(gitconfig|npmrc|editorconfig)$/,
    mode(
      () => import('./modes/properties.ts'),
      (m) => m.properties,
    ),
  ],
  [
    /(^|\/)(Dockerfile|Containerfile)[^/]*$/,
    mode(
      () => import('./modes/dockerfile.ts'),
      (m) => m.dockerFile,
    ),
  ],
  [
    /\.(diff|patch)$/,
    mode(
      () => import('./modes/diff.ts'),
      (m) => m.diff,
    ),
  ],
  [
    /\.swift$/,
    mode(
      () => import('./modes/swift.ts'),
      (m) => m.swift,
    ),
  ],
  [
    /\.ps1$/,
    mode(
      () => import('./modes/powershell.ts'),
      (m) => m.powerShell,
    ),
  ],
  [
    /\.lua$/,
    mode(
      () => import('./modes/lua.ts'),
      (m) => m.lua,
    ),
  ],
  [
    /\.(pl|pm)$/,
    mode(
      () => import('./modes/perl.ts'),
      (m) => m.perl,
    ),
  ],
];

/** Undefined where the name tells none: shown plain. */
export async function languageOf(path: string) {
  const [, load] = LANGUAGES.find(([names]) => names.test(path)) ?? [];
  return load && StreamLanguage.define(await load());
}
