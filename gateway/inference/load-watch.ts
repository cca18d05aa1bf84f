/** Which model is being loaded, and which has ended the child so often while it was that it is not loaded again. */

/** A model whose loading killed this many children is not loaded again. */
const loadDeathLimit = 2;

export function createLoadWatch() {
  const deathsByModel = new Map<string, number>();
  let loading: string | undefined;
  return {
    begin(model: string): void {
      loading = model;
    },
    done(): void {
      loading = undefined;
    },
    /** The child ended. The model to refuse from now on, if it was loading one for the last time. */
    died(): string | undefined {
      const model = loading;
      loading = undefined;
      if (model === undefined) return undefined;
      const deaths = (deathsByModel.get(model) ?? 0) + 1;
      deathsByModel.set(model, deaths);
      return deaths >= loadDeathLimit ? model : undefined;
    },
  };
}
