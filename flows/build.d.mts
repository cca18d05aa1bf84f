/** Languages that every node has texts and help in. */
export const locales: readonly string[];
/** All types, the configuration node first. */
export const types: readonly string[];
/** Folder of a type below `nodes/`, which is also the first part of its texts' keys. */
export function folderOf(type: string): string;
/** Builds into `out` (usual: dist); a folder that is there is made anew. */
export function buildPalette(out?: string): Promise<void>;
