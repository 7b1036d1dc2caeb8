import { keepAll, type Redaction } from '../recording/index.ts';

/** For recordings: a sensor knows nobody, so everything is kept. */
export const presenceSensorRedaction = (): Redaction => ({ input: keepAll(), output: keepAll() });
