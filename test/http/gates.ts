/** A door that stays shut until a test opens it. */
interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

const all = new Map<string, Gate>();

/** Gates by name, which an app of a test and the test have in common. */
export const gates = {
  get(name: string): Gate {
    const gate = all.get(name) ?? createGate();
    all.set(name, gate);
    return gate;
  },
};

function createGate(): Gate {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open: () => open() };
}
