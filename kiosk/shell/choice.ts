/** What is known about this machine when the shell is chosen. */
export interface Probes {
  readonly headless: boolean;
  /** What `--shell` asks for. */
  readonly asked: 'electron' | 'browser' | undefined;
  readonly display: boolean;
  /** The binary, or why there is none; `maybe` while fetching it has not been tried. */
  readonly electron: { state: 'here'; file: string } | { state: 'maybe' } | { state: 'absent'; why: string };
  readonly browser: { state: 'here'; file: string } | { state: 'maybe' } | { state: 'absent' };
}

export type Step =
  | { do: 'nothing' }
  | { do: 'use-electron'; file: string }
  | { do: 'use-browser'; file: string; insteadOfElectron: string | undefined }
  | { do: 'fetch-electron' }
  | { do: 'install-browser' }
  | { do: 'print-address'; because: 'no-display' | 'no-browser' }
  | { do: 'give-up'; because: 'no-display' | 'no-browser' | 'no-electron'; why: string };

/**
 * The next step towards a window: Electron where it is or can be had, else a browser that is here, else one that
 * can be installed, else the address to open. After `fetch-electron` and `install-browser` ask again with the
 * outcome. A shell that was asked for by name is never replaced by another.
 */
export function nextStep(probes: Probes): Step {
  const { headless, asked, display, electron, browser } = probes;
  if (headless) return { do: 'nothing' };
  if (!display) {
    return asked === undefined
      ? { do: 'print-address', because: 'no-display' }
      : { do: 'give-up', because: 'no-display', why: '' };
  }
  if (asked !== 'browser') {
    if (electron.state === 'here') return { do: 'use-electron', file: electron.file };
    if (electron.state === 'maybe') return { do: 'fetch-electron' };
    if (asked === 'electron') return { do: 'give-up', because: 'no-electron', why: electron.why };
  }
  const insteadOfElectron = asked === undefined && electron.state === 'absent' ? electron.why : undefined;
  if (browser.state === 'here') return { do: 'use-browser', file: browser.file, insteadOfElectron };
  if (browser.state === 'maybe') return { do: 'install-browser' };
  return asked === undefined
    ? { do: 'print-address', because: 'no-browser' }
    : { do: 'give-up', because: 'no-browser', why: '' };
}
