/** What technicians do with a kiosk: carry by hand what the network does not take, and see how it is. */
export { type Acknowledged, type AcknowledgeOptions, acknowledge } from './acknowledge.ts';
export { type Exported, type ExportOptions, exportUnsent } from './export.ts';
