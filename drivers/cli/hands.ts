import { createInterface } from 'node:readline';
import type { Hands } from '../conformance/index.ts';
import type { World } from './world.ts';

/** Someone in front of the terminal. */
export interface Person {
  /** What was typed in answer; null when the terminal is gone, or with Ctrl+C. */
  ask(question: string): Promise<string | null>;
  close(): void;
}

/** The person at the terminal, or null where there is none. Questions go to standard error, the output stays clean. */
export function personAt({
  stdin,
  stderr,
  interrupted,
}: Pick<World, 'stdin' | 'stderr' | 'interrupted'>): Person | null {
  if (stdin.isTTY !== true) return null;
  const lines = createInterface({ input: stdin });
  let waiting: ((line: string | null) => void) | null = null;
  let gone = false;
  const answer = (line: string | null): void => {
    waiting?.(line);
    waiting = null;
  };
  const leave = (): void => {
    gone = true;
    answer(null);
  };
  lines.on('line', answer);
  lines.on('close', leave);
  interrupted.addEventListener('abort', leave, { once: true });
  return {
    ask(question) {
      if (gone || interrupted.aborted) return Promise.resolve(null);
      stderr.write(`> ${question} `);
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    close() {
      interrupted.removeEventListener('abort', leave);
      lines.close();
    },
  };
}

/** A technician's hands: does what a suite asks for when the person has said so; "no" fails the check. */
export const handsOf =
  (person: Person): Hands<string> =>
  async (task) => {
    const line = await person.ask(sentenceFor(task));
    if (line === null) return false;
    const [letter = ''] = line.trim().toLowerCase();
    if (letter === 'n') throw new Error('whoever looked says no');
    return letter !== 's';
  };

const DEEDS: Readonly<Record<string, string>> = {
  'lay-card': 'Lay a card on the reader',
  'lift-card': 'Lift the card',
  'swap-card': 'Lift the card and lay another one down at once',
  unplug: 'Pull out its cable',
  'plug-in': 'Plug the cable in again',
  'remove-paper': 'Take the paper out',
  'load-paper': 'Put the paper in again and close the cover',
  'open-cover': 'Open the cover',
  'close-cover': 'Close the cover',
  scan: 'Hold a code before the scanner',
  'empty-tray': 'Take the paper out of the tray',
  'fill-tray': 'Fill the tray',
  'jam-paper': 'Jam the paper of the next sheet, e.g. hold it back',
  'clear-jam': 'Clear the jam and close the printer',
  'place-social-card': 'Lay a social-security card on the reader, or put it in',
  'place-badge': 'Lay a badge on the reader',
  'remove-card': 'Take the card away',
  hold: 'Hold the select key for two seconds',
  'plug-headset': 'Plug headphones in',
  'pull-headset': 'Pull the headphones out',
  come: 'Step before the sensor',
  go: 'Step away from the sensor',
};

/** What a person is asked to do for a task of a suite. */
export function sentenceFor(task: string): string {
  const [, seen] = /^look: (.+)$/s.exec(task) ?? [];
  if (seen !== undefined) return `Look: ${seen}. Enter = it is so, n = no, s = nobody can look:`;
  const deed = DEEDS[task] ?? `${task.charAt(0).toUpperCase()}${task.slice(1).replaceAll('-', ' ')}`;
  return `${deed}, then press Enter (s = skip):`;
}
