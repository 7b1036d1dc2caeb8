import type { Person } from './people.ts';
import type { Look } from './portrait.ts';

const YEAR_MS = 365.2425 * 24 * 3600 * 1000;

/**
 * What somebody looks like: residents as old as their card says, staff as their name has it.
 * @param now milliseconds since the epoch
 */
export function lookOf(person: Person, now: number): Look {
  if (person.role !== 'resident') {
    const letters = [...person.id].reduce((sum, letter) => sum + (letter.codePointAt(0) ?? 0), 0);
    return { seed: person.id, age: 26 + (letters % 22), sex: letters % 2 === 1 ? 'female' : 'male' };
  }
  const { birth, sex } = person.card;
  return {
    seed: person.id,
    age: Math.floor((now - Date.parse(birth)) / YEAR_MS),
    sex: sex === 'female' ? 'female' : 'male',
  };
}
