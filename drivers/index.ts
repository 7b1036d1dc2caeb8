export * from './certificate-printer/index.ts';
export * from './code-scanner/index.ts';
export * from './device.ts';
export * from './id-card-reader/index.ts';
export * from './receipt-printer/index.ts';
export * from './supervisor.ts';
export * from './transport/index.ts';
