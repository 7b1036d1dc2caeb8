import { userInfo } from 'node:os';
import type { Actor } from '../audit/index.ts';

/** Whoever typed the command, by their account on this machine; with sudo also by the one they had before. */
export function operatorHere(): Actor {
  try {
    const { username } = userInfo();
    const { SUDO_USER: before } = process.env;
    return { operator: before === undefined || before === username ? username : `${before} as ${username}` };
  } catch {
    return { operator: `user ${process.getuid?.() ?? '?'}` }; // an account without an entry, as in containers
  }
}
