/** The one door between core and screen: typed calls in, snapshots out. Imports nothing of either side. */
export * from './message.ts';
export * from './snapshot.ts';
