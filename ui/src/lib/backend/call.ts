// The one way to the Rust shell: its commands and events by name, with the shapes they truly carry (`bindings.ts`).
import { invoke, type InvokeArgs } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { Commands, Events } from './bindings';
import type { Unlisten } from './backend';

type Args<K extends keyof Commands> = keyof Commands[K]['args'] extends never ? [] : [args: Commands[K]['args']];

/** Gives a command; what it refuses rejects with a `Fault`. */
export function call<K extends keyof Commands>(name: K, ...[args]: Args<K>): Promise<Commands[K]['answer']> {
  return invoke(name, args as InvokeArgs | undefined);
}

/** Hears an event until the function it resolves to is called. */
export function hear<E extends keyof Events>(event: E, handler: (payload: Events[E]) => void): Promise<Unlisten> {
  return listen<Events[E]>(event, ({ payload }) => handler(payload));
}
