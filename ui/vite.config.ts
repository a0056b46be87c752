// Builds the window's page: relative paths, everything in files, so that a strict content policy holds.
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  base: './',
  plugins: [svelte()],
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  build: {
    target: 'safari17',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: { port: 5178, strictPort: true },
  // Generous: a busy machine is no fault of a page.
  test: { include: ['src/**/*.test.ts'], testTimeout: 30_000 },
});
