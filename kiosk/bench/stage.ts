import type { Clock, Unsubscribe } from '@huimin/drivers';
import type { BenchState, DeviceName, Happening, LogEntry } from './wire.ts';

/** What lies and stands where, apart from the devices' own lives. */
export type Scene = Omit<BenchState, 'devices'> & {
  readonly faults: { readonly [name in DeviceName]?: string };
};

/** Holds the scene and writes down what happens to it. */
export interface Stage {
  readonly scene: Scene;
  readonly log: readonly LogEntry[];
  /** Puts the change into the scene and the happening into the log, then tells the listeners, once. */
  record(happening: Happening, change?: Partial<Scene>): void;
  onChange(listener: () => void): Unsubscribe;
}

const LOG_LENGTH = 60;

export function createStage(clock: Clock): Stage {
  const listeners = new Set<() => void>();
  let scene: Scene = {
    card: null,
    badge: null,
    camera: { person: null, light: 1 },
    network: { online: true },
    faults: {},
  };
  let log: readonly LogEntry[] = [];
  let entries = 0;

  return {
    get scene() {
      return scene;
    },
    get log() {
      return log;
    },
    record(happening, change = {}) {
      scene = { ...scene, ...change };
      // A dimmer that is being turned is one happening, not fifty.
      const kept = happening.what === 'light' && log.at(-1)?.what === 'light' ? log.slice(0, -1) : log;
      entries += 1;
      const entry = { ...happening, number: entries, at: new Date(clock.now()).toISOString() };
      log = [...kept, entry].slice(-LOG_LENGTH);
      for (const listener of [...listeners]) listener();
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
