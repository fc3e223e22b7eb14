import * as tokens from '@cloudscape-design/design-tokens';
import { applyMode, Mode } from '@cloudscape-design/global-styles';

export type Theme = 'light' | 'dark' | 'system';

const KEY = 'slipway-theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');

/** Colors that our own style sheet uses; on the body, where Cloudscape's mode changes what they stand for. */
const COLORS = {
  line: tokens.colorBorderDividerDefault,
  text: tokens.colorTextBodyDefault,
  quiet: tokens.colorTextBodySecondary,
  back: tokens.colorBackgroundContainerContent,
  under: tokens.colorBackgroundLayoutMain,
  accent: tokens.colorTextLinkDefault,
  success: tokens.colorTextStatusSuccess,
  error: tokens.colorTextStatusError,
  warning: tokens.colorTextStatusWarning,
  info: tokens.colorTextStatusInfo,
  inactive: tokens.colorTextStatusInactive,
  mono: tokens.fontFamilyMonospace,
};

/** What this browser was told; the machine's own where it was told nothing. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'system';
}

export const isDark = (theme: Theme) =>
  theme === 'dark' || (theme === 'system' && prefersDark.matches);

export function applyTheme(theme: Theme) {
  for (const [name, value] of Object.entries(COLORS))
    document.body.style.setProperty(`--${name}`, value);
  applyMode(isDark(theme) ? Mode.Dark : Mode.Light);
}

export function chooseTheme(theme: Theme) {
  if (theme === 'system') localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, theme);
  applyTheme(theme);
}

prefersDark.addEventListener('change', () => applyTheme(storedTheme()));
