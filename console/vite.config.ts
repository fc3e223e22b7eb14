import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm run console` finds a server: what `slipway env` prints, or the usual port. */
const server = process.env.AWS_ENDPOINT_URL ?? 'http://127.0.0.1:4566';

/** The server refuses what comes from another site's page, and a page of Vite's port is one. */
const asFromThere = { target: server, changeOrigin: true, headers: { origin: server } };

const EMBEDDED_FONT = /url\(["']?data:font\/woff2;base64,([A-Za-z0-9+/=]+)["']?\)/g;

/** Cloudscape's global styles carry eight fonts as text; as files, a browser fetches the two that it shows. */
function fontsAsFiles(): Plugin {
  const folder = join(import.meta.dirname, '..', 'node_modules', '.cache', 'console-fonts');
  return {
    name: 'fonts-as-files',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/global-styles/') || !id.includes('.css')) return undefined;
      mkdirSync(folder, { recursive: true });
      return code.replace(EMBEDDED_FONT, (_, text: string) => {
        const hash = createHash('sha256').update(text).digest('hex').slice(0, 8);
        const file = join(folder, `open-sans-${hash}.woff2`);
        writeFileSync(file, Buffer.from(text, 'base64'));
        return `url(${file})`;
      });
    },
  };
}

/**
 * All that a first visit loads in one piece: cut up by what other pages share with it, it would be a tenth larger. Shell and
 * Home, as far as they import without waiting.
 */
function firstLoad() {
  const begins = ['src/main.tsx', 'src/app/shell.tsx', 'src/pages/home/home.tsx'].map((file) =>
    join(import.meta.dirname, file),
  );
  let first: Set<string> | undefined;
  return (id: string, modules: Modules) => {
    first ??= reached(begins, (from) => modules.getModuleInfo(from)?.importedIds ?? []);
    return first.has(id) ? 'first' : null;
  };
}

interface Modules {
  getModuleInfo: (id: string) => { importedIds: string[] } | null;
}

function reached(begins: string[], next: (id: string) => readonly string[]): Set<string> {
  const found = new Set(begins);
  for (const id of found) for (const to of next(id)) found.add(to);
  return found;
}

export default defineConfig({
  base: '/_slipway/console/',
  plugins: [fontsAsFiles(), react()],
  build: {
    target: 'es2023',
    // The policy allows no inline script, and every browser that we build for knows module preloads.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    manifest: true,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: firstLoad(), debugName: 'first' }] } },
    },
  },
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(
      ['session', 'api', 'events', 'data'].map((path) => [
        `/_slipway/console/${path}`,
        { ...asFromThere, ws: true },
      ]),
    ),
  },
});
