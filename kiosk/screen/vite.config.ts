import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const here = import.meta.dirname;

/**
 * Builds the resident's page and the gallery into kiosk/dist/screen.
 * Nothing is inlined and nothing comes from outside: the core serves the page under a policy of its own origin
 * only, which refuses inline scripts and fonts in data URLs.
 */
export default defineConfig({
  root: here,
  base: './',
  plugins: [react()],
  build: {
    outDir: `${here}/../dist/screen`,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { index: `${here}/index.html`, gallery: `${here}/gallery.html` } },
  },
});
