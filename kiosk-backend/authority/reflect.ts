/**
 * The three functions of the metadata proposal that `@peculiar/x509`'s dependency container asks of `Reflect` before
 * it loads. Import this file before `@peculiar/x509`.
 */
const metadata = new WeakMap<object, Map<unknown, unknown>>();

const own = (key: unknown, target: object): unknown => metadata.get(target)?.get(key);

function inherited(key: unknown, target: object): unknown {
  for (let place: object | null = target; place !== null; place = Object.getPrototypeOf(place)) {
    if (metadata.get(place)?.has(key)) return own(key, place);
  }
  return undefined;
}

function define(key: unknown, value: unknown, target: object): void {
  const entries = metadata.get(target) ?? new Map<unknown, unknown>();
  metadata.set(target, entries.set(key, value));
}

if (!('getMetadata' in Reflect)) {
  Object.assign(Reflect, { getMetadata: inherited, getOwnMetadata: own, defineMetadata: define });
}
