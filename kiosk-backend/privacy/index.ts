/** What the law asks of whoever holds personal data: telling a person what there is, deleting it, and not keeping it. */
export { type Forgotten, forgetPerson, type PersonalFile, personalFile } from './person.ts';
export { DEFAULT_KEEP_DAYS, type Expired, expire, startRetention } from './retain.ts';
