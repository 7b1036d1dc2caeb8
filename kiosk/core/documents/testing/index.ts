/** What tests of other folders need of an operator's authority. */
export { makeTestAuthority } from './authority.ts';
