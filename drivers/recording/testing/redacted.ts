/** A driver over a recording that has been redacted: what it sends is redacted too before the two are compared. */

import type { Transport } from '../../transport/index.ts';
import type { Redaction } from '../index.ts';

export const redactedOutput = (transport: Transport, redact: () => Redaction): Transport => ({
  name: transport.name,
  async open() {
    const opened = await transport.open();
    if (!opened.ok) return opened;
    const { output } = redact();
    const link = opened.value;
    const write = async (bytes: Uint8Array): Promise<void> => {
      for (const chunk of output.push(bytes)) await link.write(chunk);
    };
    return { ok: true, value: { ...link, write } };
  },
});
