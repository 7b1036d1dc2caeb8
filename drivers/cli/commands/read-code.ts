import { EXIT, type ExitCode } from '../exit-codes.ts';
import { fields } from '../format.ts';
import type { ReadInvocation } from '../invocation.ts';
import { maskCode } from '../masking.ts';
import { open } from '../open.ts';
import { deadline, ready } from '../ready.ts';
import type { Voice, World } from '../world.ts';

/** Waits for one code; what it says may be anything about anybody, so it is masked unless `--reveal`. */
export async function readCode(
  { place, reveal, timeoutMs }: ReadInvocation,
  world: World,
  voice: Voice,
): Promise<ExitCode> {
  const { codeScanner } = await import('../devices/code-scanner.ts');
  const opened = await open(codeScanner, { place }, world);
  if (!opened.ok) return voice.fail(opened.error);
  const { device, hands, close } = opened.value;
  const left = deadline(world.clock, timeoutMs);
  try {
    const online = await ready(opened.value, world, voice, left());
    if (!online.ok) return voice.fail(online.error);
    voice.hint('hold a code before the scanner');
    const reading = device.read({ timeoutMs: left(), signal: world.interrupted });
    await hands?.('scan');
    const result = await reading;
    if (!result.ok) return voice.fail(result.error);
    const { text, symbology } = result.value;
    const code = { text: reveal ? text : maskCode(text), characters: [...text].length, symbology };
    voice.tell({ ok: true, masked: !reveal, code });
    for (const line of fields(code)) voice.say(line);
    if (!reveal) voice.hint('masked; --reveal shows everything');
    return EXIT.done;
  } finally {
    await close();
  }
}
