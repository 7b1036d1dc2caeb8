import type { ToHost } from './protocol.ts';

/** A process that holds ports for this one. */
export interface PortHost {
  /** Messages sent after its end are lost. */
  send(message: ToHost): void;
  /** What it says from now on. */
  onMessage(listener: (message: unknown) => void): void;
  /** Told once, also when it could not be started: how it ended, e.g. `was killed by SIGSEGV`. */
  onEnd(listener: (how: string) => void): void;
  /** Whether this process has to stay for it; one that holds no port keeps nobody running. */
  hold(held: boolean): void;
  /** Ends it at once, whatever it is doing. */
  end(): void;
}

export type StartPortHost = () => PortHost;
