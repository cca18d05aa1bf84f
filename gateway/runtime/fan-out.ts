/** A fan-out: who says something needs not know who listens, and parts that start later join then. */

export interface FanOut<Args extends readonly unknown[], Answer = void> {
  /** Tells every listener in the order in which they joined; what they answer, in that order. */
  tell(...args: Args): Answer[];
  add(listener: (...args: Args) => Answer): void;
}

export function createFanOut<Args extends readonly unknown[], Answer = void>(): FanOut<Args, Answer> {
  const listeners: ((...args: Args) => Answer)[] = [];
  return {
    tell: (...args) => listeners.map((listener) => listener(...args)),
    add: (listener) => void listeners.push(listener),
  };
}
