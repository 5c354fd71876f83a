import { Disposable } from "./disposable.ts";

const HOOK_NAMES = ["preInvocation", "postInvocation", "appStart", "appTerminate", "log"] as const;
export type HookName = (typeof HOOK_NAMES)[number];
type HookCallback = (context: object) => unknown;

/** The library asks for exactly this name and flag to tell an older worker from a fault in the app. */
class UnknownHookError extends RangeError {
  override readonly name = "RangeError";
  readonly isAzureFunctionsSystemError = true;
}

/** The hooks of an app, each kind in the order of registration. */
export class Hooks {
  readonly #callbacks = new Map<HookName, readonly HookCallback[]>(HOOK_NAMES.map((name) => [name, []]));
  /** Shared by the start and the end of the app. */
  readonly appLevelData: Record<string, unknown> = {};
  /** Shared by all hooks. */
  readonly appData: Record<string, unknown> = {};

  register(name: string, callback: HookCallback): Disposable {
    const known = HOOK_NAMES.find((one) => one === name);
    if (!known) throw new UnknownHookError(`Unrecognized hook "${name}"`);
    this.#callbacks.set(known, [...this.of(known), callback]);
    return new Disposable(() => {
      this.#callbacks.set(
        known,
        this.of(known).filter((one) => one !== callback),
      );
    });
  }

  of(name: HookName): readonly HookCallback[] {
    return this.#callbacks.get(name) ?? [];
  }

  /** Awaits each callback in turn; what a callback throws is thrown on. */
  async run(name: HookName, context: object): Promise<void> {
    for (const callback of this.of(name)) await callback(context);
  }
}

/** Adds properties that hooks may read and not replace. */
export function withReadOnly<Target extends object, Fixed extends object>(
  target: Target,
  fixed: Fixed,
): Target & Readonly<Fixed> {
  for (const [key, value] of Object.entries(fixed)) {
    Object.defineProperty(target, key, { value, enumerable: true, writable: false });
  }
  return target as Target & Readonly<Fixed>;
}
