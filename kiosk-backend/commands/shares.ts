import { readFileSync } from 'node:fs';
import type { Storage } from '../storage/index.ts';
import { type Command, type CommandCall, UserError } from './command.ts';
import { operatorHere } from './operator.ts';

/** What kiosks of one community share: put up, looked at, checked, and taken back from a kiosk that is gone. */
export const shares: Command = {
  name: 'shares',
  usage: 'add FILE.yaml | list | show <id> | check | write-off <kiosk> --reason TEXT [--former]',
  words: 2,
  options: { reason: { type: 'string' }, former: { type: 'boolean', default: false } },
  async run(call) {
    const [act, what] = call.words;
    switch (act) {
      case 'add':
        return add(call, what);
      case 'list':
        return list(call);
      case 'show':
        return show(call, what);
      case 'check':
        return check(call);
      case 'write-off':
        return giveUp(call, what);
      default:
        throw new UserError('shares wants one of add, list, show, check and write-off.');
    }
  },
};

async function add({ withStorage, now, say }: CommandCall, file: string | undefined): Promise<void> {
  if (!file) throw new UserError('shares add wants the file that describes what is shared.');
  const { addResource, parseDefinition } = await import('../shares/index.ts');
  const { recordAct } = await import('../audit/index.ts');
  const parsed = parseDefinition(read(file));
  if (!parsed.ok) throw new UserError([`${file} is not right.`, ...parsed.mistakes].join('\n'));
  const { resource } = parsed;
  const detail = { id: resource.id, kind: resource.kind, community: resource.community };
  const done = await possible(() =>
    withStorage((db) =>
      db.transaction().execute(async (trx) => {
        const done = await addResource(trx, resource, now());
        await recordAct(trx, {
          at: now(),
          actor: operatorHere(),
          action: 'shares.defined',
          detail: { ...detail, done },
        });
        return done;
      }),
    ),
  );
  say(`${resource.id} is ${done}: the kiosks of ${resource.community} hear of it when they next ask.`);
}

async function list({ withStorage, say }: CommandCall): Promise<void> {
  const rows = await withStorage((db) =>
    db
      .selectFrom('share_resources')
      .select(['id', 'kind', 'community', 'closes_at'])
      .orderBy('closes_at')
      .execute(),
  );
  if (rows.length === 0) say('Nothing is shared yet.');
  for (const { id, kind, community, closes_at } of rows)
    say(`${id}: ${kind}, ${community}, until ${closes_at}`);
}

async function show({ withStorage, say }: CommandCall, id: string | undefined): Promise<void> {
  if (!id) throw new UserError('shares show wants the id of what is shared.');
  for (const line of await withStorage((db) => describe(db, id))) say(line);
}

async function describe(db: Storage, id: string): Promise<string[]> {
  const { readNotes, readPots, turnout } = await import('../shares/index.ts');
  const row = await db.selectFrom('share_resources').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new UserError(`Nothing of the id ${id} is shared.`);
  const lines = [`${row.id}: ${row.kind}, ${row.community}, until ${row.closes_at}`];
  if (row.kind === 'vote') {
    const { voters, ballots } = await turnout(db, id);
    lines.push(`${voters} have taken part; ${ballots} ballots have been counted.`);
    const counted = await db
      .selectFrom('share_ballots')
      .select(['choice', 'votes'])
      .where('resource', '=', id)
      .orderBy('choice')
      .execute();
    lines.push(...counted.map(({ choice, votes }) => `  ${choice}: ${votes}`));
  } else {
    for (const { pot, capacity, pool, held, claimed } of await readPots(db, id))
      lines.push(`  ${pot}: ${claimed} of ${capacity} claimed, ${held} with kiosks, ${pool} free`);
  }
  const notes = (await readNotes(db, 100)).filter(({ resource }) => resource === id);
  lines.push(...notes.map((each) => `  ${each.server_time} ${each.kiosk}: ${each.note} (${each.event})`));
  return lines;
}

async function check({ withStorage, say, fail }: CommandCall): Promise<void> {
  const { awaited, checkShares } = await import('../shares/index.ts');
  const wrong = await withStorage(checkShares);
  if (wrong.length === 0) say('Every unit is in one place: free, with one kiosk, or claimed.');
  for (const sentence of wrong) fail(sentence);
  const waiting = await withStorage(async (db) => {
    const communities = await db.selectFrom('share_communities').select('community').execute();
    return (await Promise.all(communities.map(({ community }) => awaited(db, community)))).flat();
  });
  if (waiting.length > 0)
    say(`Nothing is granted until these are heard of again, or revoked: ${waiting.join(', ')}.`);
}

async function giveUp(
  { option, flag, withStorage, now, say }: CommandCall,
  kiosk: string | undefined,
): Promise<void> {
  const reason = option('reason');
  const former = flag('former');
  if (!kiosk || !reason) throw new UserError('shares write-off wants a kiosk and --reason TEXT.');
  const { writeOff } = await import('../shares/index.ts');
  const { recordAct } = await import('../audit/index.ts');
  const units = await possible(() =>
    withStorage((db) =>
      db.transaction().execute(async (trx) => {
        const units = await writeOff(trx, kiosk, reason, now(), former ? 'former' : 'all');
        await recordAct(trx, {
          at: now(),
          actor: operatorHere(),
          action: 'shares.written-off',
          detail: { kiosk, units, former }, // without the reason, which may name somebody
        });
        return units;
      }),
    ),
  );
  const under = former ? ' under an earlier book' : '';
  say(
    `${units} units of ${kiosk} are free again; what it gave out${under} and has not reported counts no more.`,
  );
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`${file} cannot be read.`);
  }
}

/** What a person asked for and cannot be done is said to them. */
async function possible<T>(act: () => Promise<T>): Promise<T> {
  const { NotPossible } = await import('../shares/index.ts');
  try {
    return await act();
  } catch (error) {
    throw error instanceof NotPossible ? new UserError(error.message) : error;
  }
}
