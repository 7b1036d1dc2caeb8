export { openSpoolerHelper, type SpoolerHelper } from './helper.ts';
export { createSpoolerService } from './service.ts';
