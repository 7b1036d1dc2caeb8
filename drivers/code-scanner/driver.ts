import { parseConfig } from '../config.ts';
import { type Clock, type DriverOptions, systemClock } from '../device.ts';
import { lastingLink } from '../status.ts';
import { supervise } from '../supervisor.ts';
import { transportOf } from '../transport/index.ts';
import type { CodeDecoder } from './code.ts';
import { codeDesk } from './code-desk.ts';
import {
  type CodeScannerConfig,
  codeScannerConfigSchema,
  type LinkedScannerConfig,
  type WedgeConfig,
} from './config.ts';
import { createHidPosDecoder } from './hid-pos.ts';
import { createKeyboardWedge } from './keyboard-wedge.ts';
import { createLineDecoder } from './line-decoder.ts';
import type { CodeScanner, KeyboardWedgeScanner } from './scanner.ts';

type WedgeInput = Extract<CodeScannerConfig, { readonly protocol: 'keyboard-wedge' }>;

/** Opens a scanner, and opens it again whenever it is lost, until `close()`. Throws a `ConfigError`. */
export function openCodeScanner(options: WedgeInput & DriverOptions): KeyboardWedgeScanner;
export function openCodeScanner(options: CodeScannerConfig & DriverOptions): CodeScanner;
export function openCodeScanner(options: CodeScannerConfig & DriverOptions): CodeScanner {
  const { clock = systemClock, random = Math.random, startPortHost, ...rest } = options;
  const config = parseConfig('the code scanner', codeScannerConfigSchema, rest);
  return config.protocol === 'keyboard-wedge'
    ? openWedge(config, clock)
    : openLinked(config, { clock, random, startPortHost });
}

function openWedge(config: WedgeConfig, clock: Clock): KeyboardWedgeScanner {
  const wedge = createKeyboardWedge(config);
  const capabilities = { protocol: config.protocol, symbology: config.aimId };
  const { scanner, receive } = codeDesk(clock, capabilities, 'online', async () => {});
  return {
    ...scanner,
    // A spread would copy the status of this moment.
    get status() {
      return scanner.status;
    },
    feed(key, atMs) {
      const event = wedge.feed(key, atMs);
      if (event && event.kind !== 'typed') receive([event]);
      return event;
    },
  };
}

function openLinked(
  config: LinkedScannerConfig,
  { clock, random, startPortHost }: Required<DriverOptions>,
): CodeScanner {
  const symbology = config.protocol === 'hid-pos' ? config.profile.aimIdAt !== null : config.aimId;
  const capabilities = { protocol: config.protocol, symbology };
  const lasting = lastingLink(clock);
  const { scanner, receive, setDevice } = codeDesk(clock, capabilities, 'starting', () => {
    lasting.down();
    return supervisor.close();
  });
  const supervisor = supervise({
    transport: transportOf(config.transport, { clock, startPortHost }),
    clock,
    random,
    onUp(link) {
      // Half a code from before the loss must not be joined to what follows.
      const decoder = decoderOf(config);
      link.onData((chunk) => {
        const decoded = decoder.push(chunk, clock.monotonic());
        // What a code says is not left lying about.
        chunk.fill(0);
        receive(decoded);
      });
      lasting.up(() => setDevice('online'));
    },
    onDown() {
      lasting.down();
      setDevice('noDevice');
    },
  });
  return scanner;
}

function decoderOf(config: LinkedScannerConfig): CodeDecoder {
  switch (config.protocol) {
    case 'serial':
      return createLineDecoder(config.encoding, config.aimId);
    case 'hid-pos':
      return createHidPosDecoder(config.profile, config.encoding);
    default:
      return config satisfies never;
  }
}
