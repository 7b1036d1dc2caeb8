import { keepAll, type Redaction } from '../recording/index.ts';

/** For recordings: lights know nobody, so everything is kept. */
export const lightsRedaction = (): Redaction => ({ input: keepAll(), output: keepAll() });
