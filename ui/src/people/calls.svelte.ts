// What every pane does around a call: busy while it runs, the fault in words when it is refused.
import { asFault } from '../lib/backend/backend';
import type { Fault } from '../lib/backend/types';

export class Calls {
  busy = $state(false);
  fault = $state.raw<Fault | null>(null);

  /** Runs a call; `false` when it was refused. */
  async attempt(act: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    try {
      await act();
      this.fault = null;
      return true;
    } catch (reason) {
      this.fault = asFault(reason);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
