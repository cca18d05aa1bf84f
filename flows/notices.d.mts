/** The licences of what is bundled: `inputs` are the files of the bundle, absolute. */
export function noticesOf(inputs: readonly string[]): string;
