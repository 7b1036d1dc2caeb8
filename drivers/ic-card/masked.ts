import { inspect } from 'node:util';

/** The value, which shows itself as `mask` where it is turned into text or printed, e.g. in a log. */
export function masked<T extends object>(value: T, mask: string): Readonly<T> {
  const hidden = { enumerable: false, value: () => mask };
  return Object.freeze(Object.defineProperties(value, { toString: hidden, [inspect.custom]: hidden }));
}
