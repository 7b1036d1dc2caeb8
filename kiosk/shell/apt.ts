import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

/** What decides whether packages can be installed here. */
export interface AptProbe {
  readonly platform: string;
  readonly root: boolean;
  readonly hasApt: boolean;
  /** The text of /etc/os-release. */
  readonly release: string;
}

/** Debian with rights; Ubuntu's `chromium` package only points at its own store, so it does not count. */
export function canInstall({ platform, root, hasApt, release }: AptProbe): boolean {
  return platform === 'linux' && root && hasApt && /^ID="?debian"?$/m.test(release);
}

export function probeApt(): AptProbe {
  const file = '/etc/os-release';
  return {
    platform: process.platform,
    root: process.getuid?.() === 0,
    hasApt: existsSync('/usr/bin/apt-get'),
    release: existsSync(file) ? readFileSync(file, 'utf8') : '',
  };
}

/** Of these Debian packages, the ones that are not installed. */
export function missingPackages(packages: readonly string[]): readonly string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the placeholders are dpkg-query's
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages], {
    encoding: 'utf8',
  });
  const present = new Set(
    (stdout ?? '').split('\n').flatMap((line) => line.match(/^(\S+) installed$/)?.[1] ?? []),
  );
  return packages.filter((name) => !present.has(name));
}

/** The shell commands that install packages without a question, the index fetched only when it is needed. */
export function aptScript(packages: readonly string[]): string {
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  return `export DEBIAN_FRONTEND=noninteractive; ${install} || { apt-get update && ${install}; }`;
}
