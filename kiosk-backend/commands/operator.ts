import { userInfo } from 'node:os';
import type { Actor } from '../audit/index.ts';

/** Whoever typed the command, by their account on this machine. */
export function operatorHere(): Actor {
  try {
    return { operator: userInfo().username };
  } catch {
    return { operator: `user ${process.getuid?.() ?? '?'}` }; // an account without an entry, as in containers
  }
}
