/** Services as data: the catalogue, and who may use what. */
export * from './catalogue.ts';
export * from './eligibility.ts';
