/** Names in order; `stuck` are those that no order has: on a cycle, or behind one. */
export interface Ordered {
  readonly order: readonly string[];
  readonly stuck: readonly string[];
}

/**
 * Puts every name behind those it needs, as early as they let it; what is needed and not there counts as
 * done. Takes time by names and needs, and no stack by depth.
 */
export function inOrder(needs: ReadonlyMap<string, Iterable<string>>): Ordered {
  const dependents = new Map<string, string[]>();
  const open = new Map<string, number>();
  for (const [name, all] of needs) {
    const known = [...all].filter((need) => needs.has(need));
    open.set(name, known.length);
    for (const need of known) {
      const list = dependents.get(need);
      if (list === undefined) dependents.set(need, [name]);
      else list.push(name);
    }
  }
  const order = [...needs.keys()].filter((name) => open.get(name) === 0);
  // Grows while it is walked.
  for (const name of order) {
    open.delete(name);
    for (const dependent of dependents.get(name) ?? []) {
      const left = (open.get(dependent) ?? 0) - 1;
      open.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  return { order, stuck: [...open.keys()] };
}
