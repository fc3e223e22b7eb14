import { applyMode, Mode } from '@cloudscape-design/global-styles';

export type Theme = 'light' | 'dark' | 'system';

const KEY = 'slipway-theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

/** What this browser was told; the machine's own where it was told nothing. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

const isDark = (theme: Theme) => theme === 'dark' || (theme === 'system' && prefersDark.matches);

export function applyTheme(theme: Theme) {
  applyMode(isDark(theme) ? Mode.Dark : Mode.Light);
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

prefersDark.addEventListener('change', () => applyTheme(storedTheme()));
