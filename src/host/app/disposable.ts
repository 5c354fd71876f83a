/** What the worker hands back for a registration: `dispose()` undoes it, once. */
export class Disposable {
  #undo: (() => unknown) | null;

  constructor(undo: () => unknown) {
    this.#undo = undo;
  }

  static from(...disposables: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const one of disposables) one.dispose();
    });
  }

  dispose(): unknown {
    const undo = this.#undo;
    this.#undo = null;
    return undo?.();
  }
}
