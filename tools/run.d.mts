export function isInstalled(root: string): boolean;
export function findNode(
  root: string,
  system: { platform: string; arch: string; version: string; execPath: string },
): string | undefined;
