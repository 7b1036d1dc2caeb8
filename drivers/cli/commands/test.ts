import {
  type ConformanceReport,
  formatCheck,
  formatReport,
  type Hands,
  runChecks,
} from '../../conformance/index.ts';
import { commandError } from '../../device.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { handsOf, personAt } from '../hands.ts';
import type { TestInvocation } from '../invocation.ts';
import { unknownWord } from '../nearest.ts';
import { moduleOf, open } from '../open.ts';
import { present } from '../ready.ts';
import type { Voice, World } from '../world.ts';

/** How long a device may take until it is known whether it is there, milliseconds. */
const PRESENT_MS = 15_000;

/** The conformance suite of a class, on a real device with a technician's hands, or on its simulator. */
export async function test(invocation: TestInvocation, world: World, voice: Voice): Promise<ExitCode> {
  const { deviceClass, only } = invocation;
  const { interrupted, clock } = world;
  const module = await moduleOf(deviceClass);
  if (!invocation.place.simulated) {
    // A device that is not there would fail every check, one patience after the other.
    const opened = await open(module, invocation, world);
    if (!opened.ok) return voice.fail(opened.error);
    const there = await present(opened.value, world, PRESENT_MS);
    await opened.value.close();
    if (!there.ok) return voice.fail(there.error);
  }
  const found = await module.find(invocation, world);
  if (!found.ok) return voice.fail(found.error);
  const { where, hands: simulator, end } = found.value;
  const person = simulator === null && !invocation.yes ? personAt(world) : null;
  const alone: Hands<string> = async () => invocation.yes;
  const hands = simulator ?? (person === null ? alone : handsOf(person));
  try {
    const all = found.value.checks(hands, person);
    const ids = all.map(({ id }) => id);
    const unknown = only.find((id) => !ids.includes(id));
    if (unknown !== undefined) return voice.misused(unknownWord('check', unknown, ids));
    const checks = all.filter(({ id }) => only.length === 0 || only.includes(id));
    const subject = `${deviceClass} on ${where}`;
    voice.say(subject);
    if (hands === alone && !invocation.yes)
      voice.hint('no terminal: what needs hands is skipped (--yes takes it as done)');
    const running = runChecks({
      subject,
      checks,
      context: null,
      now: () => clock.monotonic(),
      // The check that was interrupted failed for no fault of the device.
      onCheck: (check) => interrupted.aborted || voice.say(formatCheck(check)),
    });
    const report = await Promise.race([running, aborted(interrupted)]);
    if (report === 'interrupted') return voice.fail(commandError('canceled', 'canceled', 'interrupted'));
    return tell(report, voice);
  } finally {
    person?.close();
    await end();
  }
}

function tell(report: ConformanceReport, voice: Voice): ExitCode {
  voice.tell({ ok: report.conforms, ...report });
  // The rest was said as it went.
  voice.say(formatReport(report).split('\n').at(-1) ?? '');
  return report.conforms ? EXIT.done : EXIT.no;
}

function aborted(signal: AbortSignal): Promise<'interrupted'> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve('interrupted');
    signal.addEventListener('abort', () => resolve('interrupted'), { once: true });
  });
}
