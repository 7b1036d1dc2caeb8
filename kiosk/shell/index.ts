/** The shells' common parts, for the tools and the journeys: finding a browser, installing packages. */
export { aptScript, canInstall, missingPackages, probeApt } from './apt.ts';
export { findBrowser, hasDisplay } from './browser.ts';
