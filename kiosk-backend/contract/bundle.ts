import { z } from 'zod';
import { canonicalJson } from './event.ts';

/**
 * What the registry knows of a resident, as much as services need and no more. No longer than events take it, so that
 * no certificate is printed that cannot be reported.
 */
export const residentSchema = z.object({
  id: z.string().max(64),
  idNumber: z.string().max(18),
  name: z.string().max(60),
  /** Where the person lives now, as registered by the community. */
  residence: z.string().max(200),
  community: z.string().max(60),
  residentSince: z.iso.date(),
  status: z.enum(['registered', 'moved-away']),
});

/** A resident's record as it travels to kiosks and is kept there: vouched for by the operator, at a moment. */
export const bundleSchema = z.object({
  resident: residentSchema,
  signedAt: z.iso.datetime({ offset: false }),
  /** ECDSA P-256 with SHA-256 over {@link bundleSigningText}: the 64 bytes r||s, base64url. */
  signature: z.string().regex(/^[A-Za-z0-9_-]{86}$/),
});

/**
 * How long one signature stands for the registry's word, in milliseconds: a record is signed anew when it changes and
 * when its signature is older than this. What a kiosk is told later than this after `signedAt` is no newer than that.
 */
export const SIGNED_FOR_MS = 24 * 3_600_000;

/** What is signed. The first line keeps it apart from everything else that the operator's key signs. */
export const bundleSigningText = ({ resident, signedAt }: Omit<Bundle, 'signature'>): string =>
  `huimin resident bundle 1\n${canonicalJson({ resident, signedAt })}`;

export type Resident = z.infer<typeof residentSchema>;
export type Bundle = z.infer<typeof bundleSchema>;
