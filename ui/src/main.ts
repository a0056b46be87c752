// Starts the page on the product's backend; only a build in mode `demo` knows the test double.
import { mount } from 'svelte';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import App from './App.svelte';
import type { Backend } from './lib/backend/backend';

async function backend(): Promise<Backend> {
  if (import.meta.env.MODE === 'demo') {
    const { fromAddress } = await import('./lib/backend/demo');
    return Object.assign(window, { demo: fromAddress(window.location.search) }).demo;
  }
  return (await import('./lib/backend/tauri')).tauriBackend;
}

const target = document.getElementById('app');
if (target) void backend().then((engine) => mount(App, { target, props: { backend: engine } }));
