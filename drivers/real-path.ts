import { realpathSync } from 'node:fs';

/** Where a path leads. */
export type RealPath = (path: string) => string;

/** As the file system says; the path itself where it leads nowhere. */
export const fileRealPath: RealPath = (path) => {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
};
