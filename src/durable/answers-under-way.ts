/** How long an answer is remembered after it was raised; by then the run has taken note of it, or is very slow. */
const REMEMBERED_MS = 1_000;

/**
 * The answers that this process raised a moment ago, by run and request. The run itself shows an answer only after its
 * next episode, and another answer could pass as the first one until then.
 */
export class AnswersUnderWay {
  readonly #raised = new Map<string, Promise<boolean>>();

  /**
   * Raises an answer, unless another one to the same request is on its way and turns out to have closed it.
   *
   * @param isClosed - looks whether the request is closed, for as long as an earlier answer may need to show
   * @returns false when another answer was first
   */
  async raise(key: string, isClosed: () => Promise<boolean>, raise: () => Promise<void>): Promise<boolean> {
    for (let earlier = this.#raised.get(key); earlier; earlier = this.#raised.get(key)) {
      // One that could not be raised is forgotten by now.
      if (!(await earlier)) continue;
      if (await isClosed()) return false;
      break;
    }
    const raised = raise();
    this.#remember(key, raised);
    await raised;
    return true;
  }

  #remember(key: string, raised: Promise<void>): void {
    const forget = () => {
      if (this.#raised.get(key) === remembered) this.#raised.delete(key);
    };
    const remembered = raised.then(
      () => {
        setTimeout(forget, REMEMBERED_MS).unref();
        return true;
      },
      () => {
        forget();
        return false;
      },
    );
    this.#raised.set(key, remembered);
  }
}
