import type { Clock } from '../device.ts';
import { type Link, type LinkReason, linkReason, type Transport } from '../transport/index.ts';
import { formatLine, type RecordingEvent } from './format.ts';

/** One direction of a session, cleaned of personal data. Told every chunk; gives what may be kept of it, when it may. */
export interface RedactedStream {
  /** What may be written now: bytes that belong to something unfinished may be held back. */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** What was held back and may be written after all; what may not is dropped. The stream has ended. */
  end(): readonly Uint8Array[];
}

/** A device class's knowledge of where personal data stands in its bytes. Made anew for every opening of the port. */
export interface Redaction {
  /** From the device. */
  readonly input: RedactedStream;
  /** To the device. */
  readonly output: RedactedStream;
}

export interface RecordingOptions {
  /** The device class, e.g. `id-card-reader`. */
  readonly device: string;
  readonly note?: string;
  readonly redact: () => Redaction;
  readonly clock: Clock;
  /** Takes the file's text, line by line. */
  readonly sink: (text: string) => void;
}

/** The transport, with everything that passes written down as `RedactedStream`s let it. */
export function recordingTransport(transport: Transport, options: RecordingOptions): Transport {
  const { device, note, redact, clock, sink } = options;
  const begun = clock.monotonic();
  type Untimed<E> = E extends unknown ? Omit<E, 't'> : never;
  const write = (event: Untimed<RecordingEvent>): void => {
    const t = Math.round((clock.monotonic() - begun) * 1000) / 1000;
    sink(formatLine({ t, ...event }));
  };
  sink(
    formatLine({ format: 'device-recording', version: 1, device, ...(note === undefined ? {} : { note }) }),
  );
  return {
    name: transport.name,
    async open() {
      const opened = await transport.open();
      if (opened.ok) {
        write({ kind: 'open' });
        return { ok: true, value: recordingLink(opened.value, redact(), write) };
      }
      write({ kind: 'refused', reason: linkReason(opened.error) });
      return opened;
    },
  };
}

type Write = (event: { kind: 'in' | 'out'; hex: string } | { kind: 'close'; reason: LinkReason }) => void;

function recordingLink(link: Link, { input, output }: Redaction, write: Write): Link {
  const note = (kind: 'in' | 'out', chunks: readonly Uint8Array[]): void => {
    for (const chunk of chunks) {
      if (chunk.length > 0) write({ kind, hex: Buffer.from(chunk).toString('hex') });
    }
  };
  let hasEnded = false;
  link.onClose((reason) => {
    hasEnded = true;
    note('in', input.end());
    note('out', output.end());
    write({ kind: 'close', reason: linkReason(reason) });
  });
  // The redaction gets copies: it may hold bytes back, and the driver may wipe what it has done with.
  return {
    write(bytes) {
      if (!hasEnded) note('out', output.push(new Uint8Array(bytes)));
      return link.write(bytes);
    },
    onData: (listener) =>
      link.onData((chunk) => {
        note('in', input.push(new Uint8Array(chunk)));
        listener(chunk);
      }),
    onClose: link.onClose,
    close: link.close,
  };
}
