/** The kiosk's share of what several kiosks of its community share, see the backend's `shares`. */
export {
  type Held,
  leftIn,
  overBook,
  type ShareBook,
  type ShareRecord,
  shareBookSchema,
  shareRecordSchemas,
  withEvent,
  withRecord,
} from './book.ts';
export type { Available, ClaimError, ShareChange } from './claim.ts';
export { type ClaimWish, type PotShown, type Shares, type SharesOptions, startShares } from './shares.ts';
