/** A place for a database that nothing was put into yet. */
export interface Place {
  readonly data: string;
  readonly databaseUrl: string | undefined;
}

/** What a suite of tests about databases is given. */
export interface Places {
  readonly kind: 'sqlite' | 'postgres';
  fresh(): Promise<Place>;
}
