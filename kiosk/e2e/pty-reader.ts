// A card reader on a serial port, as a process of its own: `pty-reader.ts LINK`. LINK leads to its port while it is
// plugged in, as /dev/serial/by-id does. Prints LINK when ready; obeys lines on standard input (`place <person>`,
// `lift`, `unplug`, `plug`) and answers each with `done`. Ends with its standard input.
import { symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type IdCard, openPty, simulateIdCardReader, systemClock } from '@huimin/drivers';
import { readPeople } from '../bench/people.ts';
import { home } from './process.ts';

const [link] = process.argv.slice(2);
if (link === undefined) throw new Error('say where the link to the port should stand');
const people = await readPeople(join(home, 'assets/demo/people.yaml'));

let card: IdCard | null = null;

async function plugIn(where: string) {
  const pty = await openPty();
  if (!pty.ok) throw new Error(pty.error);
  const reader = simulateIdCardReader({ link: pty.value.master, clock: systemClock, paced: true });
  reader.place(card);
  symlinkSync(pty.value.path, where);
  return {
    reader,
    unplug: async () => {
      unlinkSync(where);
      await pty.value.close();
    },
  };
}

let plugged: Awaited<ReturnType<typeof plugIn>> | null = await plugIn(link);

function lay(next: IdCard | null): void {
  card = next;
  plugged?.reader.place(next);
}

async function obey(order: string, where: string): Promise<void> {
  const [verb, id] = order.split(' ');
  switch (verb) {
    case 'place': {
      const person = people.find((each) => each.id === id);
      if (person?.role !== 'resident') throw new Error(`nobody called ${id} has a card`);
      return lay(person.card);
    }
    case 'lift':
      return lay(null);
    case 'unplug':
      await plugged?.unplug();
      plugged = null;
      return;
    case 'plug':
      plugged ??= await plugIn(where);
      return;
    default:
      throw new Error(`"${order}" is no order`);
  }
}

process.stdout.write(`${link}\n`);
for await (const order of createInterface({ input: process.stdin })) {
  await obey(order, link);
  process.stdout.write('done\n');
}
await plugged?.unplug();
process.exit(0);
