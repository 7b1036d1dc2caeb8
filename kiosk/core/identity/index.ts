/** Who is in front of us, and how sure we are. */
export * from './face-verifier.ts';
export * from './staff.ts';
