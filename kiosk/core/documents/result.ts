/** The house's Result, without loading the device drivers at run time: documents are made without any device. */
import type { Result } from '@huimin/drivers';

export type { Result };

export const ok = <T>(value: T): Result<T, never> => ({ ok: true, value });
export const err = <E>(error: E): Result<never, E> => ({ ok: false, error });
